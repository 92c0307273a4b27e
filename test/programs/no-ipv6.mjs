// Run where there are no sockets of IPv6: tells where a server listens then.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Namespace } from 'linux-namespaces'

const ns = await Namespace.create()
const server = createServer((socket) => socket.end())
const address = await ns.listen(server)
const socket = await ns.connect({ host: '127.0.0.1', port: address.port })
await once(socket.resume(), 'close')
server.close()
// Who names an address means it.
for (const options of [{ host: '::' }, { host: '::1' }, { ipv6Only: true }])
  await assert.rejects(ns.listen(createServer(), options), { code: 'EAFNOSUPPORT', syscall: 'socket' })
console.log(address.address)
