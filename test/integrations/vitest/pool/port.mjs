// @ts-check
// What two files do at the same time: each has port 80 for itself, holds it until the other has it too, and says in which
// namespace it is.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'

const folder = process.env.MEETING ?? ''

/** @param {'left' | 'right'} name */
export function pool(name) {
  const other = name === 'left' ? 'right' : 'left'

  test('port 80 is free while another file has it', async () => {
    const server = createServer()
    server.listen(80, '0.0.0.0')
    await once(server, 'listening')
    writeFileSync(join(folder, name), readlinkSync('/proc/self/ns/net'))
    while (!existsSync(join(folder, other))) await sleep(5)
    server.close()
    expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')).toBe('42\n')
  })

  test('every thread is in it, also those that look names up', async () => {
    await lookup('localhost')
    const own = readlinkSync('/proc/self/ns/net')
    const threads = readdirSync('/proc/self/task').map((id) => readlinkSync(`/proc/self/task/${id}/ns/net`))
    expect(new Set(threads)).toEqual(new Set([own]))
    expect((await Namespace.current().links.list()).map((link) => link.name)).toEqual(['lo'])
  })

  test('namespaces are made in there, too', async () => {
    const inner = await Namespace.create()
    expect(`net:[${inner.inode()}]`).not.toBe(readlinkSync('/proc/self/ns/net'))
    inner.close()
  })
}
