import { formatIp, parseIp, writeIp } from './ip.js'

/** An address and how many of its leading bits are the network. */
export interface Cidr {
  family: 4 | 6
  /** In the form `ip(8)` prints, whatever form was read. */
  address: string
  /** 0 to 32, or 0 to 128. */
  prefixLength: number
}

/**
 * Reads `10.0.0.1/24` or `fd00::1/64`. Without a prefix length it is that of one address, 32 or 128, as for `ip(8)`.
 *
 * @throws TypeError with code `ERR_INVALID_ARG_VALUE` and a message that says what is wrong
 *
 * @example
 * parseCidr('10.0.0.1/24')  // { family: 4, address: '10.0.0.1', prefixLength: 24 }
 */
export function parseCidr(text: string): Cidr {
  if (typeof text !== 'string')
    throw refusal(String(text), `must be a string such as '10.0.0.1/24', not ${typeof text}`)
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const { family, address: normal } = read(address, text)
  const longest = family === 4 ? 32 : 128
  return {
    family,
    address: normal,
    prefixLength: slash < 0 ? longest : parsePrefixLength(text, text.slice(slash + 1), longest),
  }
}

/**
 * Reads an IP address and gives it back in the form `ip(8)` prints.
 *
 * @throws TypeError with code `ERR_INVALID_ARG_VALUE` and a message that says what is wrong
 */
export function parseAddress(text: string): { family: 4 | 6; address: string } {
  if (typeof text !== 'string') throw refusal(String(text), `must be a string such as '10.0.0.1', not ${typeof text}`)
  return read(text, text)
}

const scratch = new Uint8Array(16)

// Without a buffer for each: routes are added by the hundred thousand.
function read(address: string, text: string): { family: 4 | 6; address: string } {
  const length = writeIp(address, scratch, 0)
  if (length === 0) throw refusal(text, explainIp(address))
  // There is one way to write an IPv4 address.
  return length === 4 ? { family: 4, address } : { family: 6, address: formatIp(scratch, 0, length) }
}

function parsePrefixLength(text: string, digits: string, longest: number): number {
  if (digits === '') throw refusal(text, `the prefix length after '/' is missing`)
  if (!/^[0-9]+$/.test(digits)) {
    const mask = parseIp(digits) === undefined ? '' : ' (a netmask is not accepted)'
    throw refusal(text, `prefix length '${digits}' is not a decimal number${mask}`)
  }
  if (digits.length > 1 && digits.startsWith('0')) throw refusal(text, `prefix length '${digits}' has a leading zero`)
  const length = Number(digits)
  if (length > longest) {
    throw refusal(
      text,
      `prefix length ${digits} is more than ${longest}, the bits of an IPv${longest === 32 ? 4 : 6} address`,
    )
  }
  return length
}

/** Why a text is not an IP address, in words. */
export function explainIp(text: string): string {
  if (text === '') return 'the address is empty'
  if (/\s/.test(text)) return 'an address has no blanks'
  if (text.includes('%')) return 'a zone is not part of an address, name the link instead'
  if (text.includes('/')) return 'a prefix length is not expected here'
  return text.includes(':') ? explainIpv6(text) : explainIpv4(text)
}

function explainIpv4(text: string): string {
  if (!/^[0-9.]+$/.test(text)) return 'not an IP address (host names are not looked up here)'
  const octets = text.split('.')
  if (octets.length !== 4) return `an IPv4 address has four octets, not ${octets.length}`
  for (const octet of octets) {
    if (octet === '') return 'an octet is missing'
    if (octet.length > 1 && octet.startsWith('0')) return `octet '${octet}' has a leading zero`
    if (Number(octet) > 255) return `octet ${octet} is more than 255`
  }
  return 'not an IPv4 address'
}

function explainIpv6(text: string): string {
  const stray = /[^0-9a-f:.]/i.exec(text)
  if (stray !== null) return `'${stray[0]}' has no place in an IPv6 address`
  if (text.split('::').length > 2 || text.includes(':::')) return `'::' may stand only once in an IPv6 address`
  const long = text.split(/[:.]/).find((group) => group.length > 4)
  if (long !== undefined) return `group '${long}' has more than four digits`
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (tail.includes('.') && parseIp(tail) === undefined) return `in its IPv4 part, ${explainIpv4(tail)}`
  const groups = text.split(':').filter((group) => group !== '').length + (tail.includes('.') ? 1 : 0)
  if (groups !== 8) return `an IPv6 address has eight groups, or fewer and '::', not ${groups}`
  return 'not an IPv6 address'
}

function refusal(text: string, reason: string): TypeError & { code: string } {
  return Object.assign(new TypeError(`'${text}': ${reason}`), { code: 'ERR_INVALID_ARG_VALUE' })
}
