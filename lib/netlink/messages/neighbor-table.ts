import {
  attr,
  counter64,
  enumOf,
  field,
  type Infer,
  type InferInput,
  message,
  nested,
  padding,
  string,
  struct,
  u8,
  u16,
  u32,
} from '../codec/index.js'
import { family } from './common.js'

/** NDTA_PARMS: how the entries of one link, or by default of all, are looked after. Times are in milliseconds. */
export const neighborParms = nested({
  /** The link's index; absent for the defaults. */
  ifindex: attr('NDTPA_IFINDEX', 1, u32),
  refcnt: attr('NDTPA_REFCNT', 2, u32),
  reachableTime: attr('NDTPA_REACHABLE_TIME', 3, counter64),
  baseReachableTime: attr('NDTPA_BASE_REACHABLE_TIME', 4, counter64),
  retransTime: attr('NDTPA_RETRANS_TIME', 5, counter64),
  gcStaletime: attr('NDTPA_GC_STALETIME', 6, counter64),
  delayProbeTime: attr('NDTPA_DELAY_PROBE_TIME', 7, counter64),
  queueLen: attr('NDTPA_QUEUE_LEN', 8, u32),
  appProbes: attr('NDTPA_APP_PROBES', 9, u32),
  ucastProbes: attr('NDTPA_UCAST_PROBES', 10, u32),
  mcastProbes: attr('NDTPA_MCAST_PROBES', 11, u32),
  anycastDelay: attr('NDTPA_ANYCAST_DELAY', 12, counter64),
  proxyDelay: attr('NDTPA_PROXY_DELAY', 13, counter64),
  proxyQlen: attr('NDTPA_PROXY_QLEN', 14, u32),
  locktime: attr('NDTPA_LOCKTIME', 15, counter64),
  queueLenbytes: attr('NDTPA_QUEUE_LENBYTES', 16, u32),
  mcastReprobes: attr('NDTPA_MCAST_REPROBES', 17, u32),
  pad: attr('NDTPA_PAD', 18, padding),
  intervalProbeTimeMs: attr('NDTPA_INTERVAL_PROBE_TIME_MS', 19, counter64, { since: '6.0' }),
})

const config = struct('ndt_config', 32, {
  keyLen: field('ndtc_key_len', 0, u16),
  entrySize: field('ndtc_entry_size', 2, u16),
  entries: field('ndtc_entries', 4, u32),
  /** Milliseconds ago. */
  lastFlush: field('ndtc_last_flush', 8, u32),
  /** Milliseconds ago. */
  lastRand: field('ndtc_last_rand', 12, u32),
  hashRnd: field('ndtc_hash_rnd', 16, u32),
  hashMask: field('ndtc_hash_mask', 20, u32),
  hashChainGc: field('ndtc_hash_chain_gc', 24, u32),
  proxyQlen: field('ndtc_proxy_qlen', 28, u32),
})

const stats = struct('ndt_stats', 88, {
  allocs: field('ndts_allocs', 0, counter64),
  destroys: field('ndts_destroys', 8, counter64),
  hashGrows: field('ndts_hash_grows', 16, counter64),
  resFailed: field('ndts_res_failed', 24, counter64),
  lookups: field('ndts_lookups', 32, counter64),
  hits: field('ndts_hits', 40, counter64),
  rcvProbesMcast: field('ndts_rcv_probes_mcast', 48, counter64),
  rcvProbesUcast: field('ndts_rcv_probes_ucast', 56, counter64),
  periodicGcRuns: field('ndts_periodic_gc_runs', 64, counter64),
  forcedGcRuns: field('ndts_forced_gc_runs', 72, counter64),
  tableFulls: field('ndts_table_fulls', 80, counter64),
})

/** RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL: a neighbour table, or what it has for one link. */
export const neighborTableMessage = message({
  header: struct('ndtmsg', 4, { family: field('ndtm_family', 0, enumOf(u8, family)) }),
  attributes: {
    name: attr('NDTA_NAME', 1, string),
    thresh1: attr('NDTA_THRESH1', 2, u32),
    thresh2: attr('NDTA_THRESH2', 3, u32),
    thresh3: attr('NDTA_THRESH3', 4, u32),
    config: attr('NDTA_CONFIG', 5, config),
    parms: attr('NDTA_PARMS', 6, neighborParms),
    stats: attr('NDTA_STATS', 7, stats),
    /** Milliseconds. */
    gcInterval: attr('NDTA_GC_INTERVAL', 8, counter64),
    pad: attr('NDTA_PAD', 9, padding),
  },
})

export type NeighborTableMessage = Infer<typeof neighborTableMessage>
export type NeighborTableRequest = InferInput<typeof neighborTableMessage>
