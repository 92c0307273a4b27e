import { counter64, field, struct, u8, u16, u32 } from '../codec/index.js'

/** IFLA_STATS: counters that wrap at 32 bits; `stats64` has the same without wrapping. */
export const linkStats = struct('rtnl_link_stats', 96, {
  rxPackets: field('rx_packets', 0, u32),
  txPackets: field('tx_packets', 4, u32),
  rxBytes: field('rx_bytes', 8, u32),
  txBytes: field('tx_bytes', 12, u32),
  rxErrors: field('rx_errors', 16, u32),
  txErrors: field('tx_errors', 20, u32),
  rxDropped: field('rx_dropped', 24, u32),
  txDropped: field('tx_dropped', 28, u32),
  multicast: field('multicast', 32, u32),
  collisions: field('collisions', 36, u32),
  rxLengthErrors: field('rx_length_errors', 40, u32),
  rxOverErrors: field('rx_over_errors', 44, u32),
  rxCrcErrors: field('rx_crc_errors', 48, u32),
  rxFrameErrors: field('rx_frame_errors', 52, u32),
  rxFifoErrors: field('rx_fifo_errors', 56, u32),
  rxMissedErrors: field('rx_missed_errors', 60, u32),
  txAbortedErrors: field('tx_aborted_errors', 64, u32),
  txCarrierErrors: field('tx_carrier_errors', 68, u32),
  txFifoErrors: field('tx_fifo_errors', 72, u32),
  txHeartbeatErrors: field('tx_heartbeat_errors', 76, u32),
  txWindowErrors: field('tx_window_errors', 80, u32),
  rxCompressed: field('rx_compressed', 84, u32),
  txCompressed: field('tx_compressed', 88, u32),
  rxNohandler: field('rx_nohandler', 92, u32),
})

/** IFLA_STATS64 */
export const linkStats64 = struct('rtnl_link_stats64', 200, {
  rxPackets: field('rx_packets', 0, counter64),
  txPackets: field('tx_packets', 8, counter64),
  rxBytes: field('rx_bytes', 16, counter64),
  txBytes: field('tx_bytes', 24, counter64),
  rxErrors: field('rx_errors', 32, counter64),
  txErrors: field('tx_errors', 40, counter64),
  rxDropped: field('rx_dropped', 48, counter64),
  txDropped: field('tx_dropped', 56, counter64),
  multicast: field('multicast', 64, counter64),
  collisions: field('collisions', 72, counter64),
  rxLengthErrors: field('rx_length_errors', 80, counter64),
  rxOverErrors: field('rx_over_errors', 88, counter64),
  rxCrcErrors: field('rx_crc_errors', 96, counter64),
  rxFrameErrors: field('rx_frame_errors', 104, counter64),
  rxFifoErrors: field('rx_fifo_errors', 112, counter64),
  rxMissedErrors: field('rx_missed_errors', 120, counter64),
  txAbortedErrors: field('tx_aborted_errors', 128, counter64),
  txCarrierErrors: field('tx_carrier_errors', 136, counter64),
  txFifoErrors: field('tx_fifo_errors', 144, counter64),
  txHeartbeatErrors: field('tx_heartbeat_errors', 152, counter64),
  txWindowErrors: field('tx_window_errors', 160, counter64),
  rxCompressed: field('rx_compressed', 168, counter64),
  txCompressed: field('tx_compressed', 176, counter64),
  rxNohandler: field('rx_nohandler', 184, counter64),
  rxOtherhostDropped: field('rx_otherhost_dropped', 192, counter64, { since: '5.19' }),
})

/** IFLA_MAP: where a device of old sits on its bus. */
export const linkMap = struct('rtnl_link_ifmap', 32, {
  memStart: field('mem_start', 0, counter64),
  memEnd: field('mem_end', 8, counter64),
  baseAddr: field('base_addr', 16, counter64),
  irq: field('irq', 24, u16),
  dma: field('dma', 26, u8),
  port: field('port', 27, u8),
})
