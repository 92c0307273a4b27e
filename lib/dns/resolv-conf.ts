import { parseIp } from '../netlink/codec/index.js'

/** A name server. */
export interface NameServer {
  /** An IP address, of IPv6 perhaps with a zone. */
  address: string
  port: number
}

/** How names are looked up: what resolv.conf(5) says. */
export interface ResolverSettings {
  servers: readonly NameServer[]
  /** Domains to try a short name in. */
  search: readonly string[]
  /** How many dots make a name one that is tried as it is first. */
  ndots: number
  /** Milliseconds to wait for one server's answer. */
  timeout: number
  /** How often the list of servers is gone through. */
  attempts: number
  /** Whether it begins with another server each time. */
  rotate: boolean
  /** Whether servers are asked over TCP only. */
  useTcp: boolean
  /** Whether IPv6 addresses are not asked for. */
  noAaaa: boolean
}

const dnsPort = 53

/** Reads `'10.0.0.53'`, `'10.0.0.53:5353'`, `'fd00::53'`, `'[fd00::53]:5353'`, `'fe80::1%eth0'`. */
export function parseServer(text: string): NameServer | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = bracketed ?? plain ?? text
  const port = digits === undefined ? dnsPort : Number(digits)
  const [ip = '', zone] = address.split('%')
  const length = parseIp(ip)?.length
  const sound =
    length !== undefined && (zone === undefined || (zone !== '' && length === 16)) && port > 0 && port < 65_536
  return sound ? { address, port } : undefined
}

// The limits of resolv.conf(5).
const mostNdots = 15
const mostSeconds = 30
const mostAttempts = 5

const number = (text: string | undefined, most: number) =>
  text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), most) : undefined

/** Reads resolv.conf(5). What it does not know it leaves out, as libc does. */
export function parseResolvConf(text: string): ResolverSettings {
  const servers: NameServer[] = []
  const settings = {
    search: [] as string[],
    ndots: 1,
    timeout: 5000,
    attempts: 2,
    rotate: false,
    useTcp: false,
    noAaaa: false,
  }
  const options: Record<string, (value: string | undefined) => void> = {
    ndots: (value) => {
      settings.ndots = number(value, mostNdots) ?? settings.ndots
    },
    timeout: (value) => {
      settings.timeout = 1000 * Math.max(number(value, mostSeconds) ?? settings.timeout / 1000, 1)
    },
    attempts: (value) => {
      settings.attempts = Math.max(number(value, mostAttempts) ?? settings.attempts, 1)
    },
    rotate: () => {
      settings.rotate = true
    },
    'use-vc': () => {
      settings.useTcp = true
    },
    'no-aaaa': () => {
      settings.noAaaa = true
    },
  }
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver') {
      const server = parseServer(words[0] ?? '')
      if (server !== undefined) servers.push(server)
    } else if (keyword === 'search' || keyword === 'domain') {
      settings.search = keyword === 'domain' ? words.slice(0, 1) : words
    } else if (keyword === 'options') {
      for (const word of words) {
        const [name = '', value] = word.split(':')
        if (Object.hasOwn(options, name)) options[name]?.(value)
      }
    }
  }
  // Without a server it is the one of the same machine.
  return { ...settings, servers: servers.length > 0 ? servers : [{ address: '127.0.0.1', port: dnsPort }] }
}

/** The full names to ask for, in order, as resolv.conf(5) has it. */
export function candidates(name: string, { search, ndots }: Pick<ResolverSettings, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const within = search
    .map((domain) => domain.replace(/^\.|\.$/g, ''))
    .map((domain) => (domain ? `${name}.${domain}` : name))
  const dots = name.split('.').length - 1
  return [...new Set(dots >= ndots ? [name, ...within] : [...within, name])]
}
