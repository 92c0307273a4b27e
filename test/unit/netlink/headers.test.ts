import { describe, expect, test } from 'vitest'
import { evaluate } from './headers.js'
import { claims, messages } from './schemas.js'

// LINUX_VERSION_CODE of a release's name.
function versionCode(release: string): number {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return (major << 16) + (minor << 8)
}

describe('the schemas agree with the C headers', () => {
  const all = claims()
  const [installed = 0, ...values] = evaluate(['LINUX_VERSION_CODE', ...all.map(({ expression }) => expression)])

  test('there is something to compare', () => {
    expect(messages.map(([name]) => name).sort()).toEqual(
      expect.arrayContaining(['addressMessage', 'linkMessage', 'neighborMessage', 'nsidMessage', 'routeMessage']),
    )
    expect(all.length).toBeGreaterThan(500)
    expect(values.filter((value) => value !== undefined).length).toBeGreaterThan(450)
  })

  test('every constant, size and offset has the value that C gives it', () => {
    const wrong = all
      .map((claim, index) => ({ ...claim, inC: values[index] }))
      .filter(({ value, inC }) => inC !== undefined && inC !== value)
      .map(({ expression, value, inC }) => `${expression} is ${inC} in C, not ${value}`)
    expect(wrong).toEqual([])
  })

  test('a name that the headers lack says which kernel brought it, and that one is newer than the headers', () => {
    const missing = all
      .filter((_, index) => values[index] === undefined)
      .filter(({ since }) => since === undefined || versionCode(since) <= installed)
      .map(({ expression, since }) => `${expression} (since ${since})`)
    expect(missing).toEqual([])
  })
})
