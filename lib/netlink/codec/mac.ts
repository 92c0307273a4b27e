const octets = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))
const text = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i

/**
 * Reads an Ethernet address, `aa:bb:cc:dd:ee:ff`, in either case and with `:` between its six octets.
 *
 * @returns its six bytes, or undefined for anything else
 */
export function parseMac(value: string): Uint8Array | undefined {
  const bytes = parseHardwareAddress(value)
  return bytes?.length === 6 ? bytes : undefined
}

/** As {@link parseMac}, for link-layer addresses of any length: 4 bytes on an IP tunnel, 20 on InfiniBand. */
export function parseHardwareAddress(value: string): Uint8Array | undefined {
  if (!text.test(value)) return undefined
  const parts = value.split(':')
  const bytes = new Uint8Array(parts.length)
  for (let index = 0; index < parts.length; index++) bytes[index] = Number.parseInt(parts[index] as string, 16)
  return bytes
}

/** Lower-case octets with `:` between, as `ip` prints them. */
export function formatMac(bytes: Uint8Array, offset = 0, length = 6): string {
  let formatted = octets[bytes[offset] as number] as string
  for (let index = 1; index < length; index++) formatted += `:${octets[bytes[offset + index] as number]}`
  return formatted
}
