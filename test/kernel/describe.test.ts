import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { socketLines } from '../../lib/describe/sockets.js'
import { closed, useStacks } from '../helpers/stacks.js'

const stacks = useStacks()

test('a description tells links, addresses, routes, neighbours and sockets', async () => {
  const { blue, red } = stacks
  await red.routes.add([
    { to: 'default', via: '10.0.0.1', metric: 7 },
    { to: '192.0.2.0/24', type: 'blackhole' },
  ])
  await red.neighbors.add({ address: '10.0.0.9', mac: '02:00:00:00:00:09', link: 'eth0' })
  await red.links.create({ kind: 'bridge', name: 'br0', up: false })
  const server = createServer((socket) => socket.resume())
  await blue.listen(server, { host: '10.0.0.1', port: 80 })
  const socket = await red.connect({ host: '10.0.0.1', port: 80, localPort: 4711 })
  const there = await red.describe()
  for (const line of [
    `namespace net:[${red.inode()}]`,
    '1 lo up 00:00:00:00:00:00 mtu 65536 127.0.0.1/8 ::1/128',
    'default via 10.0.0.1 dev eth0 metric 7',
    'blackhole 192.0.2.0/24',
    '10.0.0.9 dev eth0 02:00:00:00:00:09 permanent',
    'tcp established 10.0.0.2:4711 to 10.0.0.1:80',
  ])
    expect(there.split('\n').map((text) => text.trim())).toContain(line)
  const { index, mac } = await red.links.get('eth0')
  expect(there).toContain(`\n    ${index} eth0 veth up ${mac} mtu 1500 10.0.0.2/24 fd00::2/64`)
  expect(there).toMatch(/^ {4}\d+ br0 bridge down/m)
  expect(await blue.describe()).toContain('\n    tcp listening 10.0.0.1:80\n')
  socket.destroy()
  await closed(server)
})

test('an empty stack is described, too; a closed one is not', async () => {
  const { red } = stacks
  await red.links.delete('eth0')
  expect(await red.describe()).toMatch(/sockets:\n {4}none$/)
  await expect(red.describe({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  red.close()
  await expect(red.describe()).rejects.toMatchObject({ code: 'ERR_NAMESPACE_CLOSED' })
})

describe('the tables of the kernel', () => {
  test('are read in both families', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n'
    const row = '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n'
    expect(socketLines('tcp', head + row)).toEqual(['tcp listening 127.0.0.1:8080'])
    const six = '  12: 000000FD000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000\n'
    expect(socketLines('udp6', head + six)).toEqual(['udp6 [fd00::1]:53'])
    expect(socketLines('tcp', head)).toEqual([])
  })
})
