import { SystemError } from '../errors/system-error.js'
import { NetlinkError } from '../netlink/error.js'

/**
 * Something that a test needs and that this machine does not give: a permission, or a feature of the kernel. The message names
 * what to do about it; `cause` is the error that told.
 *
 * @example
 * if (error instanceof RequirementError && error.requirement === 'permission') …
 */
export class RequirementError extends Error {
  readonly code = 'ERR_NAMESPACE_REQUIREMENT'
  /** What is missing. */
  readonly requirement: 'permission' | 'kernel'

  constructor(requirement: 'permission' | 'kernel', cause: SystemError) {
    const what =
      requirement === 'permission'
        ? 'This process may not do what the test needs'
        : 'The kernel lacks what the test needs'
    super(`${what}: ${cause.message}`, { cause })
    this.name = 'RequirementError'
    this.requirement = requirement
  }
}

const permissions = ['EPERM', 'EACCES', 'ENOSPC']
const features = ['EOPNOTSUPP', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOSYS']

/** What an error says is missing, if that is what it says. */
export function requirementOf(error: unknown): RequirementError | undefined {
  if (!(error instanceof SystemError)) return undefined
  if (features.includes(error.code)) return new RequirementError('kernel', error)
  // A request refused inside of a namespace is the test's own affair; there its owner may do everything.
  const permitted = error instanceof NetlinkError || !permissions.includes(error.code)
  return permitted ? undefined : new RequirementError('permission', error)
}

/** Whether what is missing fails a test instead of skipping it. */
export function requireAll(): boolean {
  return process.env.REQUIRE_ALL === '1'
}
