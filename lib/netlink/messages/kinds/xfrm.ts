import { attr, flag, nested, u32 } from '../../codec/index.js'

/** IFLA_INFO_DATA of xfrm: IPsec policies and states with the same `ifId` are the link's. */
export const xfrm = nested({
  /** The link that carries it. */
  dev: attr('IFLA_XFRM_LINK', 1, u32),
  ifId: attr('IFLA_XFRM_IF_ID', 2, u32),
  collectMetadata: attr('IFLA_XFRM_COLLECT_METADATA', 3, flag, { since: '6.1' }),
})
