// Builds fifty namespaces, joined in a ring by veth pairs, again and again, until it is killed. With the argument
// "witnessed" each is also linked to the network namespace in which this program runs: whoever looks there sees them die.
import { Namespace, VethPair } from 'linux-namespaces'

const witness = process.argv[2] === 'witnessed' ? Namespace.current() : undefined
const size = 50

console.log('started')
for (;;) {
  const all = await Promise.all(
    Array.from({ length: size }, (_, i) =>
      Namespace.create(i % 10 === 0 ? { types: ['net', 'uts', 'mnt'], hostname: 'storm' } : {}),
    ),
  )
  await Promise.all(
    all.flatMap((namespace, i) => {
      const next = all[(i + 1) % size] ?? namespace
      const ring = VethPair.create({ namespace, addresses: ['10.0.0.1/24'] }, { namespace: next })
      return witness === undefined ? [ring] : [ring, VethPair.create({ namespace }, { namespace: witness })]
    }),
  )
  const children = all.slice(0, 2).map((ns) => ns.spawn('sleep', ['1000'], { stdio: 'ignore' }))
  await Promise.all(all.slice(0, 2).map((ns) => ns.execFile('true')))
  for (const child of children) child.kill('SIGKILL')
  for (const ns of all) ns.close()
}
