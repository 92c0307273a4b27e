import { attr, be32, ipv4, ipv6, nested, u32 } from '../../codec/index.js'

const common = {
  /** The link that carries it. */
  dev: attr('IFLA_VTI_LINK', 1, u32),
  ikey: attr('IFLA_VTI_IKEY', 2, be32),
  okey: attr('IFLA_VTI_OKEY', 3, be32),
  fwmark: attr('IFLA_VTI_FWMARK', 6, u32),
}

/** IFLA_INFO_DATA of vti: an IPsec tunnel whose policies are chosen by mark. */
export const vti = nested({
  ...common,
  local: attr('IFLA_VTI_LOCAL', 4, ipv4),
  remote: attr('IFLA_VTI_REMOTE', 5, ipv4),
})

/** IFLA_INFO_DATA of vti6: the same over IPv6. */
export const vti6 = nested({
  ...common,
  local: attr('IFLA_VTI_LOCAL', 4, ipv6),
  remote: attr('IFLA_VTI_REMOTE', 5, ipv6),
})
