import { be16, field, struct } from '../../codec/index.js'

/** UDP source ports of a tunnel, from `low` to `high`. (Geneve's struct has the same members under another name.) */
export const portRange = struct('ifla_vxlan_port_range', 4, {
  low: field('low', 0, be16),
  high: field('high', 2, be16),
})
