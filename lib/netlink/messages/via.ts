import { type Codec, enumOf, field, formatIp, invalidIp, invalidValue, parseIp, struct, u16 } from '../codec/index.js'
import { family } from './common.js'

/** A gateway of another family than its route: an IPv4 route through an IPv6 neighbour. */
export interface Via {
  family: 'inet' | 'inet6'
  address: string
}

const familyCodec = enumOf(u16, family)

// struct rtvia ends with an address of whatever length its family has.
const rtvia = struct('rtvia', 2, { family: field('rtvia_family', 0, familyCodec) })

/** RTA_VIA. The family may be left out when writing: the address tells. */
export const via: Codec<Via, { family?: Via['family'] | undefined; address: string }> = {
  shape: {
    kind: 'custom',
    parts: [rtvia.shape],
    examples: [
      { family: 'inet', address: '10.0.0.1' },
      { family: 'inet6', address: 'fe80::1' },
    ],
  },
  read: (bytes, start, end) => {
    const length = end - start - rtvia.size
    if (length !== 4 && length !== 16) return undefined
    const of = familyCodec.get(bytes, start)
    if (of !== (length === 4 ? 'inet' : 'inet6')) return undefined
    return { family: of as Via['family'], address: formatIp(bytes, start + rtvia.size, length) }
  },
  write: (writer, type, value) => {
    if (typeof value?.address !== 'string') throw invalidValue('{ address }', value)
    const address = parseIp(value.address)
    if (address === undefined) throw invalidIp(value.address)
    const of = address.length === 4 ? 'inet' : 'inet6'
    if (value.family !== undefined && value.family !== of)
      throw invalidValue(`an ${value.family} address`, value.address)
    const offset = writer.attribute(type, rtvia.size + address.length)
    familyCodec.set(writer, offset, of)
    writer.copy(offset + rtvia.size, address)
  },
}
