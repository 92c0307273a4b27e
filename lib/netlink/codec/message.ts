import type { AttributeTable } from './attributes.js'
import { invalidValue, NetlinkDecodeError } from './errors.js'
import { Layout, type LayoutIn, type LayoutOut, type NoClash, type Picked, type ValueReader } from './layout.js'
import type { Shape } from './shape.js'
import type { FieldTable, StructCodec } from './struct.js'
import type { Writer } from './writer.js'

/** sizeof(struct nlmsghdr): extended acknowledgements count their offsets from its start. */
const messageHeader = 16

/** The format of one kind of message: the payload after struct nlmsghdr. */
export interface Message<Out, In = Out> {
  /** The format as data. */
  readonly shape: Shape
  /** Bytes of the C struct at its start. */
  readonly headerSize: number
  /**
   * Appends the payload to an open message.
   *
   * @throws NetlinkEncodeError which names the place of a value that does not fit; then cancel the writer's message
   */
  encode(writer: Writer, value: In): void
  /**
   * Reads the payload from `start` to `end`. What the format does not know is kept in `unknown`.
   *
   * @throws NetlinkDecodeError when the bytes are not a message of this kind
   */
  decode(bytes: Uint8Array, start: number, end: number): Out
  /**
   * Makes a function that reads one value and leaves the rest of the message alone: for objects of which there are many, and that
   * few values are asked of. It is called with bounds that lie within the bytes, at least `headerSize` from each other. Of an
   * attribute whose form depends on others, or that there are several of, it cannot be made.
   */
  reader<K extends keyof Out & string>(name: K): ValueReader<Out[K]>
  /**
   * Makes a function that reads several attributes in one pass, by position, and makes no object but their values: for values of
   * which there are many. Of the same attributes as {@link reader}; throws as {@link decode}. The array is used again for the
   * next message.
   */
  picker<const N extends readonly (keyof Out & string)[]>(names: N): ValueReader<Picked<Out, N>>
  /**
   * What an extended acknowledgement's offset points to, dotted, such as `linkinfo.data.peer.ifname`.
   *
   * @param start where the payload starts: 16 bytes after the nlmsghdr
   * @param offset `NLMSGERR_ATTR_OFFS`, counted from the start of the nlmsghdr
   */
  pathAt(bytes: Uint8Array, start: number, end: number, offset: number): string | undefined
  /**
   * What an extended acknowledgement says is missing, dotted.
   *
   * @param type `NLMSGERR_ATTR_MISS_TYPE`
   * @param nest `NLMSGERR_ATTR_MISS_NEST`; undefined when an attribute of the message itself is missing
   */
  missingAt(bytes: Uint8Array, start: number, end: number, type: number, nest: number | undefined): string
  /** The name of an attribute of the message itself, by its number. */
  nameOf(type: number): string | undefined
}

/** What decoding a format gives. */
export type Infer<M> = M extends Message<infer Out, infer _In> ? Out : never

/** What encoding a format accepts: everything is optional, and absent header fields are zero. */
export type InferInput<M> = M extends Message<infer _Out, infer In> ? In : never

/**
 * Declares a message format: a C struct, and the attributes after it. Both stand side by side in one object, so their
 * names must differ; that is checked when the format is compiled and when it is loaded.
 */
export function message<F extends FieldTable, A extends AttributeTable>(format: {
  header: StructCodec<F>
  attributes: A & NoClash<F, A>
}): Message<LayoutOut<F, A>, LayoutIn<F, A>> {
  const layout = new Layout<F, A>(format.header, format.attributes)

  function locate(bytes: Uint8Array, start: number, end: number, offset: number) {
    if (!within(bytes, start, end) || end - start < format.header.size) return undefined
    return layout.locate(bytes, start, end, start - messageHeader + offset)
  }

  function check(bytes: Uint8Array, start: number, end: number): void {
    if (!within(bytes, start, end)) throw new NetlinkDecodeError('the message reaches beyond its buffer', start)
    if (end - start < format.header.size) throw new NetlinkDecodeError('the message is too short for its header', start)
  }

  return {
    shape: { kind: 'layout', header: format.header.shape, attributes: format.attributes },
    headerSize: format.header.size,
    encode: (writer, value) => {
      if (typeof value !== 'object' || value === null) throw invalidValue('an object', value)
      layout.encode(writer, value)
    },
    decode: (bytes, start, end) => {
      check(bytes, start, end)
      const result = layout.decode(bytes, start, end)
      if (result === undefined) throw cutShort(start)
      return result
    },
    reader: (name) => layout.reader(name),
    picker: (names) => {
      const pick = layout.picker(names)
      return (bytes, start, end) => {
        check(bytes, start, end)
        const values = pick(bytes, start, end)
        if (values === undefined) throw cutShort(start)
        return values
      }
    },
    pathAt: (bytes, start, end, offset) => locate(bytes, start, end, offset)?.path,
    missingAt: (bytes, start, end, type, nest) => {
      const place = nest === undefined ? undefined : locate(bytes, start, end, nest)
      const name = (place === undefined ? layout : place.members)?.nameOf(type) ?? String(type)
      return place === undefined ? name : `${place.path}.${name}`
    },
    nameOf: (type) => layout.nameOf(type),
  }
}

function cutShort(start: number): NetlinkDecodeError {
  return new NetlinkDecodeError('an attribute is cut short', start)
}

function within(bytes: Uint8Array, start: number, end: number): boolean {
  return start >= 0 && start <= end && end <= bytes.length
}
