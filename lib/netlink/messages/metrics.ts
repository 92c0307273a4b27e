import { attr, flagsOf, names, nested, string, u32 } from '../codec/index.js'

/** TCP features of a route. */
export const routeFeatures = names(
  'RTAX_FEATURE',
  { ecn: 0x01, sack: 0x02, timestamp: 0x04, allfrag: 0x08, tcpUsecTs: 0x10 },
  { since: { tcpUsecTs: '6.7' } },
)

/**
 * What TCP and IP use for packets on a route. Times are in milliseconds, but `rtt` in eighths and `rttvar` in quarters of one,
 * as TCP keeps them.
 */
export const metricAttributes = {
  /** Metrics that path discovery may not change, as bits: `1 << 2` is `mtu`. */
  lock: attr('RTAX_LOCK', 1, u32),
  mtu: attr('RTAX_MTU', 2, u32),
  window: attr('RTAX_WINDOW', 3, u32),
  rtt: attr('RTAX_RTT', 4, u32),
  rttvar: attr('RTAX_RTTVAR', 5, u32),
  ssthresh: attr('RTAX_SSTHRESH', 6, u32),
  cwnd: attr('RTAX_CWND', 7, u32),
  advmss: attr('RTAX_ADVMSS', 8, u32),
  reordering: attr('RTAX_REORDERING', 9, u32),
  hoplimit: attr('RTAX_HOPLIMIT', 10, u32),
  initcwnd: attr('RTAX_INITCWND', 11, u32),
  features: attr('RTAX_FEATURES', 12, flagsOf(u32, routeFeatures)),
  rtoMin: attr('RTAX_RTO_MIN', 13, u32),
  initrwnd: attr('RTAX_INITRWND', 14, u32),
  quickack: attr('RTAX_QUICKACK', 15, u32),
  ccAlgo: attr('RTAX_CC_ALGO', 16, string),
  fastopenNoCookie: attr('RTAX_FASTOPEN_NO_COOKIE', 17, u32),
}

/** RTA_METRICS. */
export const metrics = nested(metricAttributes)
