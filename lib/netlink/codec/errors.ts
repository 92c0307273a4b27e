/** Bytes that are not a netlink message: cut short, or with lengths that contradict each other. */
export class NetlinkDecodeError extends Error {
  readonly code = 'ERR_NETLINK_DECODE'

  /**
   * @param message what is wrong
   * @param offset where in the buffer, in bytes
   */
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset})`)
    this.name = 'NetlinkDecodeError'
  }
}

/** A value that its place in a message cannot hold, found before the kernel is asked. */
export class NetlinkEncodeError extends TypeError {
  /** Where the value stands in the message, dotted: `linkinfo.data.peer.mtu`; empty for the message itself. */
  path = ''

  /**
   * @param code `ERR_OUT_OF_RANGE` for numbers of the right type and the wrong size, else `ERR_INVALID_ARG_VALUE`
   * @param reason what is wrong, to follow the path: `must be …`
   */
  constructor(
    readonly code: 'ERR_INVALID_ARG_VALUE' | 'ERR_OUT_OF_RANGE',
    readonly reason: string,
  ) {
    super(reason)
    this.name = 'NetlinkEncodeError'
  }

  /** Says that the value stood under `name`; called from the inside out while the error climbs through nested attributes. */
  within(name: string): this {
    this.path = this.path === '' ? name : `${name}.${this.path}`
    this.message = `${this.path}: ${this.reason}`
    return this
  }
}

/** Refuses a value of the wrong type or form. */
export function invalidValue(expected: string, value: unknown): NetlinkEncodeError {
  return new NetlinkEncodeError('ERR_INVALID_ARG_VALUE', `must be ${expected}, got ${show(value)}`)
}

/** Refuses a number that does not fit. */
export function outOfRange(expected: string, value: unknown): NetlinkEncodeError {
  return new NetlinkEncodeError('ERR_OUT_OF_RANGE', `must be ${expected}, got ${show(value)}`)
}

/** Adds a name to the path of an encode error; passes any other error on as it is. */
export function within(error: unknown, name: string): unknown {
  return error instanceof NetlinkEncodeError ? error.within(name) : error
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
