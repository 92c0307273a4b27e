// @ts-check
// What two files do at the same time: each has port 80 for itself, holds it until the other has it too, and says in which
// namespace it is.
const { once } = require('node:events')
const { existsSync, readdirSync, readlinkSync, writeFileSync } = require('node:fs')
const { createServer } = require('node:net')
const { join } = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { expect, test } = require('@jest/globals')

const folder = process.env.MEETING ?? ''

/** @param {'left' | 'right'} name */
exports.meet = (name) => {
  const other = name === 'left' ? 'right' : 'left'

  test('port 80 is free while another file has it', async () => {
    const server = createServer()
    server.listen(80, '0.0.0.0')
    await once(server, 'listening')
    writeFileSync(join(folder, name), readlinkSync('/proc/self/ns/net'))
    while (!existsSync(join(folder, other))) await sleep(5)
    server.close()
  }, 20_000)

  test('every thread is in its namespace', () => {
    const own = readlinkSync('/proc/self/ns/net')
    const threads = readdirSync('/proc/self/task').map((id) => readlinkSync(`/proc/self/task/${id}/ns/net`))
    expect(new Set(threads)).toEqual(new Set([own]))
  })
}
