// Names under /run/netns. They are the host's, so each test runs in a mount namespace whose /run is empty; that way an
// ordinary user, who is root there, can make them too.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Namespace, type NamespaceType } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { isRoot } from '../helpers/user.js'

const programs = fileURLToPath(new URL('../programs/', import.meta.url))
const types: NamespaceType[] = isRoot ? ['mnt'] : ['user', 'mnt', 'net']

async function run(scenario: string, program = 'names.mjs'): Promise<void> {
  using ns = await Namespace.create({ types })
  await ns.execFile('mount', ['-t', 'tmpfs', 'run', '/run'])
  const { stdout, stderr } = await ns.execFile(process.execPath, [join(programs, program), scenario])
  expect(stdout + stderr).toBe('')
}

test('ip netns lists, enters, deletes and knows the processes of ours', () => run('ours'))
test('we list, open, change and delete those of ip netns', () => run('theirs'))
test('the directory becomes a shared mount of itself, once, so that names reach every mount namespace', () =>
  run('directory'))
test("creation waits for iproute2's lock, within its limits", () => run('lock'))
test('five of ours and five of ip netns are made and deleted at once', () => run('together'))
test('a watch tells of names that come and go, whoever makes them, until it is aborted', () =>
  run('watch', 'names-watch.mjs'))
test('a namespace can have several names and paths, and loses them all by unpin', () => run('pin', 'names-pin.mjs'))
test('unpin leaves alone what others have put in the place of its files', () => run('strangers', 'names-pin.mjs'))
test('a file that is no namespace holds up no event of a watch', () => run('leftovers', 'names-watch.mjs'))
test('list, delete, unpin and pids take limits', () => run('limits'))
