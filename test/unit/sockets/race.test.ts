import { describe, expect, test } from 'vitest'
import { interleave, race } from '../../../lib/sockets/race.js'

/** Attempts that end when they are told to. */
class Attempts {
  readonly begun: string[] = []
  readonly aborted: string[] = []
  readonly discarded: string[] = []
  readonly #settle = new Map<string, { resolve(value: string): void; reject(error: Error): void }>()

  race(candidates: string[], { delay = 1e6, signal = new AbortController().signal } = {}): Promise<string> {
    const attempt = (candidate: string, ending: AbortSignal) => {
      this.begun.push(candidate)
      ending.addEventListener('abort', () => this.aborted.push(candidate))
      return new Promise<string>((resolve, reject) => this.#settle.set(candidate, { resolve, reject }))
    }
    const discard = (result: string) => this.discarded.push(result)
    return race(candidates, attempt, { delay, signal, message: 'all failed', discard })
  }

  async succeed(candidate: string): Promise<void> {
    this.#settle.get(candidate)?.resolve(candidate)
    await undefined
  }

  async fail(candidate: string): Promise<void> {
    this.#settle.get(candidate)?.reject(Object.assign(new Error(candidate), { code: candidate.toUpperCase() }))
    await new Promise(setImmediate)
  }
}

describe('a race', () => {
  test('begins the next attempt when one has failed, and stops at the first that succeeds', async () => {
    const attempts = new Attempts()
    const result = attempts.race(['a', 'b', 'c'])
    expect(attempts.begun).toEqual(['a'])
    await attempts.fail('a')
    expect(attempts.begun).toEqual(['a', 'b'])
    await attempts.succeed('b')
    expect(await result).toBe('b')
    expect(attempts.begun).toEqual(['a', 'b'])
  })

  test('begins the next attempt beside a slow one, aborts it, and discards what it gives all the same', async () => {
    const attempts = new Attempts()
    const result = attempts.race(['a', 'b', 'c'], { delay: 1 })
    while (attempts.begun.length < 3) await new Promise(setImmediate)
    await attempts.succeed('c')
    expect(await result).toBe('c')
    expect(attempts.aborted.filter((each) => each !== 'c')).toEqual(['a', 'b'])
    await attempts.succeed('a')
    await attempts.fail('b')
    expect(attempts.discarded).toEqual(['a'])
  })

  test('fails when all have failed, with their errors in the order of the candidates', async () => {
    const attempts = new Attempts()
    const result = attempts.race(['a', 'b'], { delay: 1 }).catch((error: unknown) => error)
    while (attempts.begun.length < 2) await new Promise(setImmediate)
    await attempts.fail('b')
    await attempts.fail('a')
    expect(await result).toMatchObject({ message: 'all failed', code: 'A', errors: [{ code: 'A' }, { code: 'B' }] })
    const only = new Attempts()
    const error = only.race(['a']).catch((error: unknown) => error)
    await only.fail('a')
    expect(await error).toMatchObject({ message: 'a' })
  })

  test('ends with its signal', async () => {
    const attempts = new Attempts()
    const controller = new AbortController()
    const result = attempts.race(['a', 'b'], { signal: controller.signal }).catch((error: unknown) => error)
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await result).toBe(reason)
    expect(attempts.aborted).toEqual(['a'])
    await attempts.fail('a')
    expect(attempts.begun).toEqual(['a'])
    const late = new Attempts()
    await expect(late.race(['a'], { signal: controller.signal })).rejects.toBe(reason)
    expect(late.begun).toEqual([])
  })
})

test('families take turns, from that of the first address on', () => {
  const of = (...families: number[]) => families.map((family, i) => ({ family, i }))
  const order = (...families: number[]) => interleave(of(...families)).map(({ i }) => i)
  expect(order(6, 6, 6, 4, 4)).toEqual([0, 3, 1, 4, 2])
  expect(order(4, 6, 6)).toEqual([0, 1, 2])
  expect(order(6)).toEqual([0])
  expect(order()).toEqual([])
})
