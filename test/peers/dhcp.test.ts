// dnsmasq gives out an address by DHCP and tells it by DNS; busybox asks for it.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Namespace, VethPair } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { folder, installed, service } from '../helpers/service.js'

test('a namespace gets its address from dnsmasq, is set up by it, and is found by its name', async () => {
  const dnsmasq = await installed('dnsmasq', 'dnsmasq-base')
  const busybox = await installed('busybox', 'busybox-static')
  await using directory = await folder()
  using blue = await Namespace.create()
  using red = await Namespace.create()
  await VethPair.create(
    { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24'] },
    { namespace: red, name: 'eth0', mac: '02:00:00:00:00:02' },
  )
  const leases = join(directory.path, 'leases')
  const options = [
    ['--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--no-ping', '--pid-file='],
    ['--interface=eth0', '--bind-interfaces', '--domain=test', '--local=/test/', '--host-record=blue.test,10.0.0.1'],
    ['--dhcp-authoritative', '--dhcp-range=10.0.0.100,10.0.0.150,1h', `--dhcp-leasefile=${leases}`],
    ['--dhcp-host=02:00:00:00:00:02,10.0.0.142', '--log-facility=-'],
  ].flat()
  const servers = ['10.0.0.1']
  await using _ = await service(blue, dnsmasq, options, () => blue.lookup('blue.test', { servers, timeout: 500 }))

  // What the server says, as it hands it to its script.
  const script = join(directory.path, 'script')
  await writeFile(
    script,
    `#!/bin/sh\n[ "$1" = bound ] && echo "$ip $mask $router $dns $domain" >${directory.path}/lease\n`,
  )
  await chmod(script, 0o755)
  await red.execFile(busybox, ['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-x', 'hostname:red', '-s', script])
  const { stdout: lease } = await red.execFile('cat', [join(directory.path, 'lease')])
  expect(lease).toBe('10.0.0.142 24 10.0.0.1 10.0.0.1 test\n')

  const [ip, mask, router = '', dns = '', domain = ''] = lease.trim().split(' ')
  const eth0 = await red.links.get('eth0')
  await eth0.addresses.add(`${ip}/${mask}`)
  await red.routes.add({ to: 'default', via: router })
  expect(await red.lookup('blue', { servers: [dns], search: [domain] })).toEqual({ address: '10.0.0.1', family: 4 })
  expect(await red.lookup('red.test', { servers: [dns] })).toEqual({ address: '10.0.0.142', family: 4 })
  expect((await blue.ping('10.0.0.142')).replies).toHaveLength(1)
})
