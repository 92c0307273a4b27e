import type { NamespaceCore } from '../../namespace/core.js'
import type { NetlinkRequest, Reply } from '../../netlink/request.js'
import type { NetworkObject } from '../event.js'

/** An object that the kernel told about. */
export interface Told {
  readonly object: NetworkObject
  /** What makes it this one and no other, however it changes. */
  readonly key: string
  /** What it has in common with others that it may take the place of; the key where there are none. */
  readonly place?: string
}

/** A kind of object that can be watched, as data. */
export interface EventKind {
  /** RTNLGRP_* */
  readonly groups: readonly number[]
  /** The type of the messages that tell of one that is new or has changed. */
  readonly added: number
  /** The type of those that tell of one that is gone. */
  readonly deleted: number
  /** The families whose messages are about such objects: those about bridge ports come in the same groups. */
  readonly families: readonly number[]
  /** The reading of all there are. */
  readonly dumps: readonly NetlinkRequest[]
  /** Reads a message; undefined when it is about something that no list shows. */
  read(core: NamespaceCore, reply: Reply): Told | undefined
  /**
   * Whether the message says, by its flags, that it is about one that was there. Without this, the tracker remembers which are
   * there.
   */
  isChange?(flags: number, object: NetworkObject): boolean
  /** Whether a message says, by its flags, that it is about a new one, although one is remembered: the kernel did not tell of its end. */
  isNew?(flags: number): boolean
  /** Whether a message shows that it is about one that was there, when nobody remembers. */
  wasThere?(told: Told): boolean
  /** Those, of others in its place, that are gone when it is told of. */
  displaced?(flags: number, told: Told, others: readonly Told[]): readonly Told[]
}
