// @ts-check
// The main job of the package: two isolated network stacks joined by a virtual cable, a process in one of them, and HTTP
// from one to the other within this process. Run it as root or as any user.
import { createServer, get } from 'node:http'
import { text } from 'node:stream/consumers'
import { Namespace, VethPair } from 'linux-namespaces'

const who = process.geteuid?.() === 0 ? 'root' : 'an ordinary user'
console.log(`Two network stacks inside this process (${process.pid}), made by ${who}:\n`)

const [blue, red] = await Promise.all([Namespace.create(), Namespace.create()])
try {
  const cable = await VethPair.create(
    { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    { namespace: red, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
  )
  await red.routes.add({ to: 'default', via: '10.0.0.1' })
  await show('blue', blue, cable.a)
  await show('red', red, cable.b)

  const { stdout } = await red.execFile('cat', ['/proc/net/dev'])
  const devices = stdout.match(/\w+(?=:)/g) ?? []
  console.log(`\na process in red sees these devices and no others: ${devices.join(', ')}`)

  const server = createServer((request, response) => {
    response.end(`hello ${request.socket.remoteAddress}, this is blue\n`)
  })
  const { port } = await blue.listen(server, { host: '10.0.0.1', port: 80 })
  console.log(`\nan HTTP server of this process listens in blue, on 10.0.0.1:${port}`)
  const socket = await red.connect({ host: '10.0.0.1', port })
  const answer = await new Promise((resolve, reject) => {
    get({ path: '/', createConnection: () => socket }, (response) => resolve(text(response))).on('error', reject)
  })
  console.log(`GET / from red, over the cable: ${answer}`)
  server.close()

  const [neighbor] = await blue.neighbors.list({ family: 'inet' })
  console.log(`blue has learned that ${neighbor?.address} is at ${neighbor?.mac} (red's eth0)`)
} finally {
  blue.close()
  red.close()
}
console.log('\nBoth are closed: the kernel has taken everything back.')

/**
 * @param {string} name
 * @param {Namespace} namespace
 * @param {import('linux-namespaces').Link} link
 */
async function show(name, namespace, link) {
  console.log(`${name}  net:[${namespace.inode('net')}] at ${namespace.path('net')}`)
  console.log(`  link     ${link.name}: ${link.kind}, ${link.mac}, mtu ${link.mtu}, ${link.operState}`)
  for (const { cidr, scope } of await link.addresses.list()) console.log(`  address  ${cidr} (${scope})`)
  for (const { to, via } of await namespace.routes.list({ family: 'inet' })) {
    console.log(`  route    ${to}${via === undefined ? '' : ` via ${via}`}`)
  }
}
