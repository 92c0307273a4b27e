// @ts-check
// Kernels for the virtual machines: fetched from Debian's packages, unpacked, and kept in a cache. Of the modules only what
// network stacks and the machine itself may need is kept, uncompressed: the emulated processor would take seconds over it.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openSuites } from './apt.mjs'
import { buildInitramfs } from './initramfs.mjs'

/**
 * The kernels, by the name to ask for them, and Debian's suites that have them.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const kernels = {
  '5.10': ['bullseye', 'bullseye-security'],
  6.1: ['bookworm', 'bookworm-security'],
  6.12: ['trixie', 'trixie-security'],
  7: ['trixie-backports'],
}

/** @typedef {{ name: string, version: string, image: string, initramfs: string, modules: string }} Kernel */

export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'linux-namespaces/kernels')

const wantedModules = [
  'arch/*',
  'crypto/*',
  'drivers/char/*',
  'drivers/net/*',
  'drivers/virtio/*',
  'fs/9p/*',
  'fs/fscache/*',
  'fs/netfs/*',
  'fs/overlayfs/*',
  'lib/*',
  'net/*',
]
const unwantedModules = [
  'arch/x86/kvm',
  'drivers/net/ethernet',
  'drivers/net/wireless',
  'drivers/net/usb',
  'net/mac80211',
]

/**
 * A kernel that can be booted: from the cache, or fetched into it.
 *
 * @param {string} name of {@link kernels}
 * @param {{ update?: boolean }} [options] `update`: fetch it anew, though it is cached
 * @returns {Kernel}
 */
export function fetchKernel(name, { update = false } = {}) {
  const suites = kernels[name]
  if (suites === undefined) throw new Error(`there is no kernel '${name}', but ${Object.keys(kernels).join(', ')}`)
  const folder = join(cacheFolder, name)
  const ready = join(folder, 'ready')
  if (update || !existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true })
    const tree = unpack(download(folder, suites), join(folder, 'tree'))
    const [version = ''] = readdirSync(join(tree, 'lib/modules'))
    prepareModules(tree, version)
    // Before 7.0 it is in /boot, since then beside the modules.
    const images = [join(tree, `boot/vmlinuz-${version}`), join(tree, 'lib/modules', version, 'vmlinuz')]
    extractImage(images.find((path) => existsSync(path)) ?? '', join(folder, 'vmlinux'))
    for (const left of ['lists', 'cache', 'packages', 'tree/boot', 'tree/usr']) {
      rmSync(join(folder, left), { recursive: true, force: true })
    }
    writeFileSync(ready, version)
  }
  const version = readFileSync(ready, 'utf8')
  const modules = join(folder, 'tree/lib/modules', version)
  const initramfs = buildInitramfs(join(folder, 'initramfs.cpio'), join(folder, 'tree'), version)
  return { name, version, image: join(folder, 'vmlinux'), initramfs, modules }
}

/**
 * The folder with the packages of the newest kernel of these suites.
 *
 * @param {string} folder
 * @param {readonly string[]} suites
 */
function download(folder, suites) {
  const apt = openSuites(folder, suites)
  apt.update()
  // The image itself, and since 7.0 what it has been split into.
  const part = /^linux-(base|binary|image|modules)-\d.*-amd64$/
  const [image] = apt.dependencies('linux-image-amd64').filter((each) => part.test(each))
  if (image === undefined) throw new Error(`no linux-image in ${suites.join(', ')}`)
  return apt.download([image, ...apt.dependencies(image).filter((each) => part.test(each))])
}

/**
 * @param {string} packages
 * @param {string} to
 */
function unpack(packages, to) {
  mkdirSync(to)
  // Before 7.0 in /lib, since then in /usr/lib.
  const wanted = wantedModules.map((each) => `*/lib/modules/*/kernel/${each}`)
  const unwanted = unwantedModules.map((each) => `--exclude=*/kernel/${each}`)
  const patterns = ['*/boot/vmlinuz-*', '*/lib/modules/*/vmlinuz', '*/lib/modules/*/modules.*', ...wanted]
  // Not every package has what every pattern names, which tar takes for an error.
  const script =
    'file=$1 to=$2; shift 2; dpkg-deb --fsys-tarfile "$file" | tar -x -C "$to" --wildcards "$@" 2>/dev/null; true'
  for (const file of readdirSync(packages)) {
    const args = [join(packages, file), to, ...unwanted, ...patterns]
    execFileSync('sh', ['-c', script, 'sh', ...args])
  }
  if (existsSync(join(to, 'usr/lib'))) renameSync(join(to, 'usr/lib'), join(to, 'lib'))
  return to
}

/**
 * @param {string} tree
 * @param {string} version
 */
function prepareModules(tree, version) {
  const modules = join(tree, 'lib/modules', version)
  execFileSync('find', [modules, '-name', '*.ko.xz', '-exec', 'unxz', '{}', '+'])
  execFileSync('find', [modules, '-name', '*.ko.zst', '-exec', 'zstd', '-q', '-d', '--rm', '{}', '+'])
  execFileSync('depmod', ['-b', tree, version], { stdio: ['ignore', 'ignore', 'ignore'] })
}

/**
 * The ELF image within a bzImage: qemu starts it by itself, and nothing is left for the emulated processor to unpack.
 *
 * @param {string} from
 * @param {string} to
 */
function extractImage(from, to) {
  const bytes = readFileSync(from)
  // The kernel's build appends a length of 4 bytes, at which the unpackers complain: what they wrote until then is whole.
  for (const [magic, program] of /** @type {const} */ ([
    [Buffer.from('\xfd7zXZ\0', 'latin1'), 'xz'],
    [Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), 'zstd'],
  ])) {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      const script = '"$1" -dc 2>/dev/null >"$2"; true'
      execFileSync('sh', ['-c', script, 'sh', program, to], { input: bytes.subarray(at) })
      if (readFileSync(to).subarray(0, 4).toString('latin1') === '\x7fELF') return
    }
  }
  throw new Error(`${from} holds no image that xz or zstd unpacks`)
}
