export { type Ack, type AckDetails, ackAttributes, type Done, decodeAck, decodeDone } from './ack.js'
export { etherAddress, invalidIp, ip, ipv4, ipv6, mac } from './addresses.js'
export {
  type Attribute,
  AttributeSet,
  type AttributesIn,
  type AttributesOut,
  type AttributeTable,
  attr,
  type UnknownAttribute,
} from './attributes.js'
export { type Cidr, explainIp, parseAddress, parseCidr } from './cidr.js'
export { type Codec, type FixedCodec, fixed, type Members, type Place, type Siblings } from './codec.js'
export { invalidValue, NetlinkDecodeError, NetlinkEncodeError, outOfRange } from './errors.js'
export { FrameReader, NLMSG_DONE, NLMSG_ERROR } from './frame.js'
export { indexed } from './indexed.js'
export { be16, be32, be64, counter64, s32, u8, u16, u32, u64, uint } from './integers.js'
export { formatIp, parseIp, writeIp } from './ip.js'
export type { LayoutIn, LayoutOut } from './layout.js'
export { formatMac, parseHardwareAddress, parseMac } from './mac.js'
export { type Infer, type InferInput, type Message, message } from './message.js'
export { constantOf, type EnumValue, enumOf, type FlagsValue, flagsOf, type NameTable, names } from './names.js'
export { nested, nestedMessage, repeated, select } from './nested.js'
export { records } from './records.js'
export type { Shape, Texts } from './shape.js'
export {
  type Field,
  type FieldTable,
  field,
  type LateField,
  type StructCodec,
  type StructIn,
  type StructOut,
  struct,
} from './struct.js'
export { bytes, bytesOf, flag, padding, string } from './text.js'
export { counter64Vector, s32Vector, structs } from './vectors.js'
export { Writer } from './writer.js'
