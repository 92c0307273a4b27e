// @ts-check
import { test } from 'node:test'
import { skipMissing, useNamespaces } from 'linux-namespaces/node-test'

// A link of a kind that no kernel has.
const kind = /** @type {'bridge'} */ ('nonesuch')

test(
  'a link of no kind',
  skipMissing(async (t) => {
    const namespaces = useNamespaces(t)
    const ns = await namespaces.create()
    await namespaces.need(ns.links.create({ kind, name: 'none' }))
  }),
)
