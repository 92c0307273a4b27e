// `bridge -j` as the oracle: what it shows of a namespace, in the words of its JSON.
import { Bridge, type BridgeOptions, type Namespace, type NetlinkError } from 'linux-namespaces'

export interface ShownFdb {
  mac: string
  ifname: string
  flags: string[]
  state: string
  master?: string
  vlan?: number
  dst?: string
  port?: number
  vni?: number
  src_vni?: number
  viaIf?: string
  nhid?: number
}

export interface ShownMdbEntry {
  dev: string
  port: string
  grp: string
  state: string
  flags: string[]
  src?: string
  vid?: number
  filter_mode?: string
  protocol?: string
  source_list?: { address: string }[]
}

export interface ShownMdb {
  mdb: ShownMdbEntry[]
  router: Record<string, { port: string; type: string }[]>
}

/** Whatever `bridge -j -d` shows for these arguments. */
export async function shown<T>(ns: Namespace, ...args: string[]): Promise<T[]> {
  const { stdout } = await ns.execFile('bridge', ['-j', '-d', ...args])
  return stdout.trim() === '' ? [] : JSON.parse(stdout)
}

/** Runs a `bridge` command that is to change something. */
export async function bridge(ns: Namespace, line: string): Promise<void> {
  await ns.execFile('bridge', line.split(' '))
}

/** Options of a namespace in which nobody talks unless told to. */
export const quiet = { sysctl: { 'net.ipv6.conf.default.disable_ipv6': 1, 'net.ipv6.conf.all.disable_ipv6': 1 } }

/** A bridge that filters VLANs, or the error of a kernel that has none. */
export async function filteringBridge(options: BridgeOptions): Promise<Bridge | NetlinkError> {
  return Bridge.create({ vlanFiltering: 1, ...options }).catch((error: NetlinkError) => error)
}
