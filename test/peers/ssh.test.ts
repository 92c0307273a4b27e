// ssh and socat, with both ends in namespaces, or one of them this process.
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Namespace } from 'linux-namespaces'
import { expect, test } from 'vitest'
import { answers, folder, installed, service } from '../helpers/service.js'
import { closed, useStacks } from '../helpers/stacks.js'
import { isRoot } from '../helpers/user.js'

const stacks = useStacks()

// What sshd separates its privileges with; a package's start script makes it, which has not run here perhaps.
async function runDirectory(): Promise<AsyncDisposable> {
  const made = await mkdir('/run/sshd', { mode: 0o755 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
  return {
    async [Symbol.asyncDispose]() {
      if (made) await rmdir('/run/sshd')
    },
  }
}

async function newKey(ns: Namespace, path: string): Promise<string> {
  await ns.execFile('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path])
  return (await readFile(`${path}.pub`, 'utf8')).trim()
}

if (isRoot) {
  test('ssh runs a command in the namespace of sshd', async () => {
    const [sshd, ssh] = [await installed('sshd', 'openssh-server'), await installed('ssh', 'openssh-client')]
    await using directory = await folder()
    await using _ = await runDirectory()
    const file = (name: string) => join(directory.path, name)
    const [hostKey, ownKey] = await Promise.all(['host', 'own'].map((name) => newKey(stacks.blue, file(name))))
    await writeFile(file('authorized'), `${ownKey}\n`)
    await writeFile(file('known'), `10.0.0.1 ${hostKey}\n`)
    const settings = [
      ['ListenAddress 10.0.0.1', `HostKey ${file('host')}`, `AuthorizedKeysFile ${file('authorized')}`],
      ['UsePAM no', 'StrictModes no', 'PermitRootLogin prohibit-password', 'PidFile none'],
    ].flat()
    await writeFile(file('config'), `${settings.join('\n')}\n`)
    await using _server = await service(stacks.blue, sshd, ['-D', '-e', '-f', file('config')], () =>
      answers(stacks.red, '10.0.0.1', 22),
    )
    const options = ['-F', '/dev/null', '-i', file('own'), '-o', `UserKnownHostsFile=${file('known')}`]
    const quiet = ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=yes']
    const command = ['root@10.0.0.1', 'readlink /proc/self/ns/net; echo $SSH_CONNECTION']
    const { stdout } = await stacks.red.execFile(ssh, [...options, ...quiet, ...command])
    expect(stdout).toMatch(new RegExp(`^net:\\[${stacks.blue.inode()}\\]\\n10\\.0\\.0\\.2 \\d+ 10\\.0\\.0\\.1 22\\n$`))
  })
} else {
  test('sshd is not for the namespaces of an ordinary user, in which the groups of a process cannot be set', async () => {
    // It sets those of every session, and of the part of it that speaks to the network.
    const { stdout } = await stacks.blue.execFile('cat', ['/proc/self/setgroups'])
    expect(stdout).toBe('deny\n')
  })
}

test('socat in one namespace speaks to socat in another', async () => {
  const socat = await installed('socat', 'socat')
  await using _ = await service(stacks.blue, socat, ['TCP-LISTEN:7000,bind=10.0.0.1,fork', 'SYSTEM:cat'], () =>
    answers(stacks.red, '10.0.0.1', 7000),
  )
  const { stdout } = await stacks.red.execFile('sh', ['-c', `echo hello | ${socat} - TCP:10.0.0.1:7000`])
  expect(stdout).toBe('hello\n')
})

test('this process speaks to socat, as the client and as the server', async () => {
  const socat = await installed('socat', 'socat')
  await using _ = await service(stacks.blue, socat, ['TCP-LISTEN:7000,bind=10.0.0.1,fork', 'SYSTEM:cat'], () =>
    answers(stacks.red, '10.0.0.1', 7000),
  )
  const data = 'from here '.repeat(100_000)
  const socket = await stacks.red.connect({ host: '10.0.0.1', port: 7000, allowHalfOpen: true })
  socket.end(data)
  expect(await text(socket)).toBe(data)

  const server = createServer((socket) => socket.end(`you are ${socket.remoteAddress}\n`))
  const { port } = await stacks.red.listen(server, { host: 'fd00::2' })
  const { stdout } = await stacks.blue.execFile(socat, ['-u', `TCP6:[fd00::2]:${port}`, '-'])
  expect(stdout).toBe('you are fd00::1\n')
  await closed(server)
})
