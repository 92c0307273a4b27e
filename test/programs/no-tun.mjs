// Run where /dev/net is empty: tells how the making of a tun is refused.
import { Namespace, TunTap } from 'linux-namespaces'

const ns = await Namespace.create()
const failures = []
for (const make of [
  () => TunTap.create({ namespace: ns, mode: 'tun' }),
  () => ns.links.create({ kind: 'tun', mode: 'tun' }),
]) {
  const { code, path, message } = await make().then(
    () => ({ code: '', path: '', message: '' }),
    (error) => error,
  )
  failures.push({ code, path, message })
}
console.log(JSON.stringify({ failures, links: (await ns.links.list()).length }))
