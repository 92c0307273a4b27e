import { fstatSync } from 'node:fs'
import { Namespace, VethPair } from 'linux-namespaces'
import { coreOf } from '../../dist/namespace/core.js'
import { addon } from '../../dist/native/addon.js'

/** Two namespaces and the cable between them: 10.0.0.1, fd00::1 and fe80::1 on blue, 10.0.0.2, … on red. */
export async function cabled(): Promise<{ blue: Namespace; red: Namespace; close: () => void }> {
  const [blue, red] = await Promise.all([Namespace.create(), Namespace.create()])
  await VethPair.create(
    { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64', 'fe80::1/64'] },
    { namespace: red, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64', 'fe80::2/64'] },
  )
  const close = () => {
    blue.close()
    red.close()
  }
  return { blue, red, close }
}

/** The descriptor of a socket or a server of Node's, of a dgram.Socket too. */
export function fdOf(socket: object): number {
  const keys = Reflect.ownKeys(socket).filter((key) => String(key).includes('state symbol'))
  const holders = [socket, ...keys.map((key) => Reflect.get(socket, key))]
  for (const holder of holders) {
    const handle: unknown = Reflect.get(holder, '_handle') ?? Reflect.get(holder, 'handle')
    const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
    if (typeof fd === 'number') return fd
  }
  throw new Error('it has no descriptor')
}

const siocgskns = 0x894c

/**
 * The inode of the network namespace that a socket is in, as the kernel says (SIOCGSKNS). It is asked from inside `ns`: an
 * ordinary user has no right to it elsewhere, so that a socket in another one is an error (EPERM).
 */
export async function homeOf(ns: Namespace, fd: number): Promise<bigint> {
  const { steps, values } = await coreOf(ns).visit('asking for the namespace of a socket', (program) =>
    program.call('ioctl', [fd, siocgskns], { descriptor: 'keep' }),
  )
  const home = values.of(steps)
  const { ino } = fstatSync(home, { bigint: true })
  addon.close(home)
  return ino
}

/** Waits until a server or a socket is closed. */
export async function closed(closing: { close(callback: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => closing.close(() => resolve()))
}

/** How many TCP connections were begun from a namespace. */
export async function connectionsBegun(ns: Namespace): Promise<number> {
  const { stdout } = await ns.execFile('cat', ['/proc/net/snmp'])
  const [names, values] = stdout.split('\n').filter((line) => line.startsWith('Tcp:'))
  return Number(values?.split(' ')[names?.split(' ').indexOf('ActiveOpens') ?? -1])
}
