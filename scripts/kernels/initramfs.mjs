// @ts-check
// The first file system of a virtual machine: busybox, init.sh, and the modules with which the host's files are mounted.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const init = fileURLToPath(new URL('init.sh', import.meta.url))
const modules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console']
const applets = ['chmod', 'echo', 'insmod', 'mkdir', 'mount', 'reboot', 'sh', 'switch_root', 'uname']

/**
 * @param {string} file where it belongs; what is there and newer than init.sh is taken
 * @param {string} tree with lib/modules
 * @param {string} version of the kernel
 */
export function buildInitramfs(file, tree, version) {
  if (existsSync(file) && statSync(file).mtimeMs > statSync(init).mtimeMs) return file
  const folder = mkdtempSync(join(tmpdir(), 'initramfs-'))
  try {
    for (const name of ['bin', 'changes', 'dev', 'host', 'modules', 'proc', 'root', 'sys'])
      mkdirSync(join(folder, name))
    copyFileSync(programPath('busybox'), join(folder, 'bin/busybox'))
    for (const applet of applets) symlinkSync('busybox', join(folder, 'bin', applet))
    cpSync(init, join(folder, 'init'), { mode: 0 })
    moduleFiles(tree, version).forEach((path, i) => {
      copyFileSync(path, join(folder, `modules/${100 + i}-${basename(path)}`))
    })
    execFileSync('chmod', ['755', join(folder, 'init')])
    const archive = execFileSync('sh', ['-c', 'find . | cpio --quiet -o -H newc'], { cwd: folder, maxBuffer: 1 << 28 })
    writeFileSync(file, archive)
  } finally {
    rmSync(folder, { recursive: true })
  }
  return file
}

/**
 * The files of {@link modules} and of those that they need, in the order in which they are to be loaded.
 *
 * @param {string} tree
 * @param {string} version
 */
function moduleFiles(tree, version) {
  const lines = modules.flatMap((name) => {
    // What is built in is told as such, or in old kernels' lists is not known at all.
    const options = ['-d', tree, '-S', version, '--show-depends', name]
    return execFileSync(programPath('modprobe'), options, { encoding: 'utf8' }).split('\n')
  })
  const paths = lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? [])
  return [...new Set(paths)]
}

/**
 * Where a program is; empty if it is not installed. An ordinary user's PATH may lack the administrator's folders.
 *
 * @param {string} name
 */
export function programPath(name) {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { env: { PATH: path }, encoding: 'utf8' }).stdout.trim()
}
