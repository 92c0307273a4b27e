// Bad input in many places; whoever looks at the system calls sees none of it.
import { Bridge, Namespace, VethPair } from 'linux-namespaces'

const ns = Namespace.current()
/** @type {(() => Promise<unknown>)[]} */
const calls = ['10.0.0.1/33', '300.1.1.1', 'fe80::1%eth0'].flatMap((address) => [
  () => Bridge.create({ namespace: ns, name: 'x', addresses: [address] }),
  () => VethPair.create({ namespace: ns, name: 'x', addresses: [address] }, { namespace: ns, name: 'y' }),
  () => ns.routes.add({ to: address, link: 'lo' }),
])
for (const name of ['', 'a234567890123456', 'a/b', 'a b', '.', '..']) {
  calls.push(() => ns.links.create({ kind: 'dummy', name }))
  // An alternative name may have 127 bytes.
  calls.push(() => ns.links.get(name.length > 15 ? name.repeat(8) : name))
}
calls.push(() => ns.links.create({ kind: 'dummy', mtu: 0 }))
let refused = 0
for (const call of calls) {
  await call().catch(({ code }) => {
    if (code === 'ERR_INVALID_ARG_VALUE' || code === 'ERR_OUT_OF_RANGE') refused++
  })
}
console.log(`${refused} refused`)
