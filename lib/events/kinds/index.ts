import { addressKind } from './address.js'
import { linkKind } from './link.js'
import { neighborKind } from './neighbor.js'
import { routeKind } from './route.js'

/** What can be watched, by the name of its option; a snapshot tells of it in this order. */
export const eventKinds = { links: linkKind, addresses: addressKind, neighbors: neighborKind, routes: routeKind }

/** The names of the options. */
export const kindNames = Object.keys(eventKinds) as (keyof typeof eventKinds)[]
