import { afterEach, describe, expect, test, vi } from 'vitest'
import { SystemError } from '../../lib/errors/system-error.js'
import { NetlinkError } from '../../lib/netlink/error.js'
import { attach, Namespaces } from '../../lib/testing/namespaces.js'
import { RequirementError, requirementOf } from '../../lib/testing/requirement.js'

const EPERM = 1
const ENOENT = 2
const ENOSPC = 28
const EOPNOTSUPP = 95

const refused = (errno: number, hint?: string) => new SystemError(errno, { syscall: 'clone', hint })
const refusedLink = (errno: number) => new NetlinkError(errno, { request: 'RTM_NEWLINK', operation: "link 'x'" })

describe('what an error says is missing', () => {
  test('is a permission, with its fix', () => {
    const missing = requirementOf(refused(EPERM, 'sysctl -w this=1 allows it'))
    expect(missing).toBeInstanceOf(RequirementError)
    expect(missing).toMatchObject({
      code: 'ERR_NAMESPACE_REQUIREMENT',
      requirement: 'permission',
      message: expect.stringContaining('sysctl -w this=1 allows it'),
      cause: { code: 'EPERM' },
    })
    expect(requirementOf(refused(ENOSPC))?.requirement).toBe('permission')
  })

  test('is a feature of the kernel', () => {
    expect(requirementOf(refusedLink(EOPNOTSUPP))?.requirement).toBe('kernel')
  })

  test('is nothing, for other errors', () => {
    for (const error of [refused(ENOENT), refusedLink(EPERM), new Error('EPERM'), undefined])
      expect(requirementOf(error)).toBe(undefined)
  })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

test('what is missing skips, and then the test is over', async () => {
  vi.stubEnv('REQUIRE_ALL', '')
  const reasons: string[] = []
  const over = new Error('over')
  const namespaces = new Namespaces((reason) => {
    reasons.push(reason)
    throw over
  })
  await expect(namespaces.need(Promise.reject(refused(EPERM)))).rejects.toBe(over)
  expect(reasons).toEqual([expect.stringContaining('EPERM')])
  await expect(namespaces.need(Promise.reject(over))).rejects.toBe(over)
  expect(await namespaces.need(Promise.resolve(5))).toBe(5)
})

test('what is missing fails where everything is required', async () => {
  vi.stubEnv('REQUIRE_ALL', '1')
  const namespaces = new Namespaces(() => {
    throw new Error('skipped')
  })
  await expect(namespaces.need(Promise.reject(refused(EPERM)))).rejects.toBeInstanceOf(RequirementError)
})

test('a description is added to the message and to the stack that repeats it, whatever is in it', () => {
  const error = new Error('what $& is')
  attach(error, 'links: $1')
  expect(error.message).toBe('what $& is\n\nThe namespaces of this test when it failed:\nlinks: $1')
  expect(error.stack).toContain(`Error: ${error.message}\n    at `)
  const bare = {}
  attach(bare, 'links')
  expect(bare).toEqual({ message: '\n\nThe namespaces of this test when it failed:\nlinks' })
})
