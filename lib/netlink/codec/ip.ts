import { readBe16 } from './bytes.js'

const dot = 46
const colon = 58

/**
 * Reads an IP address: IPv4 as four decimal octets without leading zeros, IPv6 as RFC 4291 writes it, with an IPv4 tail
 * where one likes. No zone (`%eth0`), no prefix length, no blanks.
 *
 * @returns its 4 or 16 bytes, or undefined for anything else
 *
 * @example
 * parseIp('10.0.0.1')      // Uint8Array [10, 0, 0, 1]
 * parseIp('::ffff:10.0.0.1')?.length  // 16
 */
export function parseIp(text: string): Uint8Array | undefined {
  const buffer = new Uint8Array(16)
  const length = writeIp(text, buffer, 0)
  return length === 0 ? undefined : buffer.subarray(0, length)
}

/**
 * As {@link parseIp}, into a buffer with room for 16 bytes.
 *
 * @returns how many bytes the address has: 4, 16, or 0 when the text is none (the buffer may have been written to)
 */
export function writeIp(text: string, buffer: Uint8Array, offset: number): 0 | 4 | 16 {
  if (writeIpv4(text, 0, buffer, offset)) return 4
  return writeIpv6(text, buffer, offset) ? 16 : 0
}

function writeIpv4(text: string, from: number, buffer: Uint8Array, offset: number): boolean {
  const end = text.length
  let octets = 0
  let value = -1
  for (let index = from; index <= end; index++) {
    const code = index === end ? dot : text.charCodeAt(index)
    if (code >= 48 && code <= 57) {
      // A leading zero: '010' is octal to inet_aton and decimal to others, so nobody may write it.
      if (value === 0) return false
      value = (value < 0 ? 0 : value * 10) + code - 48
      if (value > 255) return false
    } else {
      if (code !== dot || value < 0 || octets === 4) return false
      buffer[offset + octets++] = value
      value = -1
    }
  }
  return octets === 4
}

function writeIpv6(text: string, buffer: Uint8Array, offset: number): boolean {
  const end = text.length
  let index = 0
  let written = 0
  let gap = -1
  if (text.charCodeAt(0) === colon) {
    if (text.charCodeAt(1) !== colon) return false
    gap = 0
    index = 2
  }
  while (index < end) {
    if (written === 16) return false
    const groupStart = index
    let value = 0
    let digit = hexDigit(text.charCodeAt(index))
    while (digit >= 0) {
      if (index - groupStart === 4) return false
      value = value * 16 + digit
      index++
      digit = index < end ? hexDigit(text.charCodeAt(index)) : -1
    }
    if (index < end && text.charCodeAt(index) === dot) {
      if (written > 12 || !writeIpv4(text, groupStart, buffer, offset + written)) return false
      written += 4
      break
    }
    if (index === groupStart) return false
    buffer[offset + written++] = value >> 8
    buffer[offset + written++] = value & 0xff
    if (index === end) break
    if (text.charCodeAt(index++) !== colon) return false
    if (index === end) return false
    if (text.charCodeAt(index) === colon) {
      if (gap >= 0) return false
      gap = written
      index++
    }
  }
  if (gap < 0) return written === 16
  if (written === 16) return false
  const tail = written - gap
  buffer.copyWithin(offset + 16 - tail, offset + gap, offset + written)
  buffer.fill(0, offset + gap, offset + 16 - tail)
  return true
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 0x20
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

const decimal = Array.from({ length: 256 }, (_, value) => String(value))

/**
 * Writes an address as `inet_ntop(3)` and `ip(8)` do: IPv4 dotted, IPv6 as in RFC 5952 (lower case, the first longest
 * run of two or more zero groups as `::`), with an IPv4 tail for `::ffff:0:0/96` and `::/96`.
 *
 * @param length 4 or 16
 */
export function formatIp(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  return length === 4 ? formatIpv4(bytes, offset) : formatIpv6(bytes, offset)
}

// In a table, addresses beside each other share their first three octets, and a gateway comes again and again: the last texts
// are kept, each in a place that some bits of the address choose.
const places = 256
const addresses = new Int32Array(places)
const texts = new Array<string>(places).fill('0.0.0.0')
const networks = new Int32Array(places)
const networkTexts = new Array<string>(places).fill('0.0.0.')

function formatIpv4(bytes: Uint8Array, offset: number): string {
  const network = (readBe16(bytes, offset) << 8) | (bytes[offset + 2] as number)
  const last = bytes[offset + 3] as number
  const address = (network << 8) | last
  const place = (network ^ last) & (places - 1)
  if (addresses[place] === address) return texts[place] as string
  const text = networkText(network) + decimal[last]
  addresses[place] = address
  texts[place] = text
  return text
}

function networkText(network: number): string {
  const place = (network ^ (network >> 8)) & (places - 1)
  if (networks[place] !== network) {
    networks[place] = network
    networkTexts[place] = `${decimal[network >> 16]}.${decimal[(network >> 8) & 255]}.${decimal[network & 255]}.`
  }
  return networkTexts[place] as string
}

function formatIpv6(bytes: Uint8Array, offset: number): string {
  let zeros = -1
  let zerosLength = 1
  for (let group = 0; group < 8; ) {
    let next = group
    while (next < 8 && readBe16(bytes, offset + next * 2) === 0) next++
    if (next - group > zerosLength) {
      zeros = group
      zerosLength = next - group
    }
    group = next + 1
  }
  const mapped = zerosLength === 5 && readBe16(bytes, offset + 10) === 0xffff
  const groups = zeros === 0 && (zerosLength === 6 || mapped) ? 6 : 8
  const zerosEnd = zeros < 0 ? -1 : zeros + zerosLength
  let text = ''
  for (let group = 0; group < groups; group++) {
    if (group === zeros) {
      text += '::'
      group = zerosEnd - 1
    } else {
      if (group > 0 && group !== zerosEnd) text += ':'
      text += readBe16(bytes, offset + group * 2).toString(16)
    }
  }
  if (groups === 8) return text
  return `${text}${mapped ? ':' : ''}${formatIpv4(bytes, offset + 12)}`
}
