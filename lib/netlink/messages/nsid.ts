import { attr, enumOf, field, type Infer, type InferInput, message, s32, struct, u8, u32 } from '../codec/index.js'
import { family } from './common.js'

/** RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID: the numbers by which one network namespace knows others; -1 for none. */
export const nsidMessage = message({
  header: struct('rtgenmsg', 1, { family: field('rtgen_family', 0, enumOf(u8, family)) }),
  attributes: {
    nsid: attr('NETNSA_NSID', 1, s32),
    pid: attr('NETNSA_PID', 2, u32),
    fd: attr('NETNSA_FD', 3, u32),
    targetNsid: attr('NETNSA_TARGET_NSID', 4, s32),
    currentNsid: attr('NETNSA_CURRENT_NSID', 5, s32),
  },
})

export type NsidMessage = Infer<typeof nsidMessage>
export type NsidRequest = InferInput<typeof nsidMessage>
