// @ts-check
// The published package, as a user gets it: `npm pack`, and the tarball installed into an empty project on a
// PATH without a compiler and with no install script allowed; there a program runs and its types are checked.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { bin, root, runChecks } from './tools.mjs'

const program = `
  import assert from 'node:assert/strict'
  import { once } from 'node:events'
  import { createRequire } from 'node:module'
  import * as imported from 'linux-namespaces'

  const required = createRequire(import.meta.url)('linux-namespaces')
  assert.equal(required.Namespace, imported.Namespace, 'require() and import give the same module')
  assert.equal(typeof (await import('linux-namespaces/syscalls')).setns, 'function')
  assert.equal(typeof (await import('linux-namespaces/netlink')).NetlinkSocket, 'function')

  const { Namespace, VethPair } = imported
  const left = await Namespace.create()
  const right = await Namespace.create()
  await VethPair.create(
    { namespace: left, name: 'left0', addresses: ['192.168.10.1/24'] },
    { namespace: right, name: 'right0', addresses: ['192.168.10.2/24'] },
  )
  const { stdout } = await left.execFile('/bin/cat', ['/proc/net/dev'])
  assert.match(stdout, /left0:/)
  assert.doesNotMatch(stdout, /right0:/)
  // Its thread is moved by a file that is found beside the module that starts it.
  if (process.getuid() === 0) {
    const code = "require('node:worker_threads').parentPort.postMessage(require('node:os').networkInterfaces().left0[0].cidr)"
    const [cidr] = await once(left.worker(code, { eval: true }), 'message')
    assert.equal(cidr, '192.168.10.1/24')
  }
  left.close()
  right.close()

  const { useNamespaces } = await import('linux-namespaces/node-test')
  assert.equal(typeof useNamespaces, 'function')
  console.log('works')
`

const runnersProgram = `
  import { strict as assert } from 'node:assert'
  const { namespacePool } = await import('linux-namespaces/vitest/pool')
  assert.equal(namespacePool().name, 'linux-namespaces')
  const environment = await import('linux-namespaces/jest')
  assert.equal(typeof environment.default.prototype.handleTestEvent, 'function')
  const runner = await import('linux-namespaces/jest/runner')
  assert.equal(typeof runner.default.prototype.runTests, 'function')
  import.meta.resolve('linux-namespaces/vitest')
  console.log('works')
`

const consumer = `
  import { Link, Namespace, VethPair } from 'linux-namespaces'
  import * as netlink from 'linux-namespaces/netlink'
  import { useNamespaces } from 'linux-namespaces/node-test'
  import * as syscalls from 'linux-namespaces/syscalls'

  export async function use(): Promise<string> {
    const ns: Namespace = await Namespace.create({ types: ['net', 'uts'], hostname: 'blue' })
    const pair: VethPair = await VethPair.create({ namespace: ns, name: 'a' }, { namespace: ns, name: 'b' })
    const link: Link = pair.a
    const index: number = link.index
    // @ts-expect-error: a namespace type that there is not
    await Namespace.create({ types: ['moon'] })
    const { stdout } = await ns.execFile('true')
    const response = await ns.fetch('http://10.0.0.1/')
    const agents = [ns.httpAgent({ maxSockets: 1 }), ns.httpsAgent(), ns.dispatcher({ allowH2: true })]
    const modules = [syscalls.setns, netlink.NetlinkSocket, useNamespaces]
    return stdout.toString() + index + response.status + agents.length + modules.length
  }
`

const runnersConsumer = `
  import NamespaceEnvironment, { type Namespaces } from 'linux-namespaces/jest'
  import NamespaceRunner from 'linux-namespaces/jest/runner'
  import { type NamespaceFixtures, namespaceTest, test } from 'linux-namespaces/vitest'
  import { namespacePool } from 'linux-namespaces/vitest/pool'
  import { defineConfig } from 'vitest/config'

  export default defineConfig({ test: { pool: namespacePool({ sysctl: { 'net.ipv4.ip_forward': 1 } }) } })
  test('a pair', async ({ pair: { left, right } }) => {
    const address: string = (await left.addresses.list())[0]?.cidr ?? right.path()
    // @ts-expect-error: no such property
    left.moon
    return address.length > 0 ? undefined : undefined
  })
  namespaceTest({ scope: 'file' })('a namespace', ({ namespace }: Pick<NamespaceFixtures, 'namespace'>) => {
    namespace.close()
  })
  export class Environment extends NamespaceEnvironment {}
  export class Runner extends NamespaceRunner {}
  export const use = (namespaces: Namespaces) => namespaces.pair()
`

/**
 * @param {string} folder
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function output(folder, command, args, env = process.env) {
  try {
    return execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { message, stdout, stderr } = /** @type {Error & { stdout?: string, stderr?: string }} */ (error)
    throw new Error(`${message}\n${stdout ?? ''}${stderr ?? ''}`)
  }
}

/**
 * The path of a program on this machine's PATH.
 *
 * @param {string} name
 */
function which(name) {
  return output(root, '/bin/sh', ['-c', `command -v ${name}`]).trim()
}

const resolutions = ['nodenext', 'bundler']

/**
 * Checks a program's types, and those of all declarations that it draws in.
 *
 * @param {string} text
 * @param {string} resolution
 */
function checkTypes(text, resolution) {
  writeFileSync(join(project, 'consumer.ts'), text)
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
  const options = `--strict --noEmit --skipLibCheck false --target es2022 --lib es2022,esnext.disposable --types node`
  const modules = ['--module', module, '--moduleResolution', resolution]
  output(project, bin('tsc'), [...options.split(' '), ...modules, 'consumer.ts'])
}

/**
 * Puts a package of this repository's into the project.
 *
 * @param {string} name
 */
function symlinkPackage(name) {
  const path = join(project, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { recursive: true, force: true })
  symlinkSync(join(root, 'node_modules', name), path)
}

// As in a fresh clone: what goes into the tarball is made by `npm pack` itself.
for (const made of ['dist', 'prebuilds']) rmSync(join(root, made), { recursive: true, force: true })

const work = mkdtempSync(join(tmpdir(), 'package-'))
const project = join(work, 'project')
const bare = join(work, 'bin')
mkdirSync(project)
mkdirSync(bare)
symlinkSync(process.execPath, join(bare, 'node'))
for (const name of ['npm', 'sh']) symlinkSync(which(name), join(bare, name))
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, PATH: bare }
// What npm told this script about this package is not for the other one.
for (const key of Object.keys(env)) if (key.startsWith('npm_')) delete env[key]

/** @type {string[]} */
let packed = []
let tarball = ''
const installed = join(project, 'node_modules', 'linux-namespaces')

try {
  await runChecks([
    [
      'npm pack',
      () => {
        output(root, 'npm', ['pack', '--pack-destination', work])
        tarball = join(work, readdirSync(work).find((name) => name.endsWith('.tgz')) ?? '')
        const listing = output(work, 'tar', ['-tzf', tarball]).trim().split('\n')
        packed = listing.map((path) => path.replace(/^package\//, ''))
      },
    ],
    [
      'the tarball holds the binaries, the declarations and no sources',
      () => {
        const prebuilds = `prebuilds/linux-${process.arch}/`
        assert.ok(packed.includes(`${prebuilds}ns-launcher`))
        assert.ok(packed.some((path) => path.startsWith(prebuilds) && path.endsWith('.node')))
        for (const path of [
          'dist/index.js',
          'dist/index.d.ts',
          'dist/process/worker-preload.cjs',
          'README.md',
          'LICENSE',
        ]) {
          assert.ok(packed.includes(path), `${path} is missing`)
        }
        /** @type {Record<string, string | { types: string, default: string }>} */
        const exports = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports
        for (const entry of Object.values(exports)) {
          for (const target of typeof entry === 'string' ? [entry] : Object.values(entry)) {
            assert.ok(packed.includes(target.replace('./', '')), `${target} is missing`)
          }
        }
        const foreign = packed.filter(
          (path) => !/^(dist|prebuilds)\/|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/.test(path),
        )
        assert.deepEqual(foreign, [])
      },
    ],
    [
      'there is no install script',
      () => {
        const { scripts, gypfile } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
        for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined)
        // Without this npm would run node-gyp by itself where it sees a binding.gyp.
        assert.equal(gypfile, false)
      },
    ],
    [
      'the PATH of the empty project has no compiler',
      () => {
        const found = bare.split(delimiter).flatMap((folder) => output(folder, '/bin/ls', []).trim().split('\n'))
        assert.deepEqual(found.sort(), ['node', 'npm', 'sh'])
      },
    ],
    [
      'npm install of the tarball',
      () => {
        writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
        output(project, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], env)
        assert.equal(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).name, 'linux-namespaces')
      },
    ],
    [
      'a program makes two namespaces and a veth pair, by import and require()',
      () => {
        writeFileSync(join(project, 'program.mjs'), program)
        assert.equal(output(project, 'node', ['program.mjs'], env), 'works\n')
      },
    ],
    ...resolutions.map(
      (resolution) =>
        /** @type {[string, () => void]} */ ([
          `the types resolve with moduleResolution ${resolution}, where no test runner is installed`,
          () => {
            symlinkPackage('@types/node')
            checkTypes(consumer, resolution)
          },
        ]),
    ),
    [
      'what is for test runners is found beside them',
      () => {
        for (const name of ['vitest', 'jest-environment-node', 'jest-runner']) symlinkPackage(name)
        writeFileSync(join(project, 'runners.mjs'), runnersProgram)
        assert.equal(output(project, 'node', ['runners.mjs'], env), 'works\n')
      },
    ],
    ...resolutions.map(
      (resolution) =>
        /** @type {[string, () => void]} */ ([
          `and its types resolve with moduleResolution ${resolution}`,
          () => checkTypes(runnersConsumer, resolution),
        ]),
    ),
  ])
} finally {
  rmSync(work, { recursive: true, force: true })
}
