// @ts-check
// A virtual machine that boots a kernel with this machine's own files, runs a command in there, and ends.

import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {{ status: number | undefined, trouble: string }} Ending `status`: of the command, undefined where it was not run to
 *   its end; `trouble`: then the last words of the machine
 */

// Hosts that are themselves guests by kvm_pvm have a /dev/kvm that is slower than no hardware at all.
const accelerated =
  existsSync('/dev/kvm') && ['kvm_intel', 'kvm_amd'].some((module) => existsSync(`/sys/module/${module}`))

// Kernels that hang say nothing more, and neither does a test that waits for ever. Test files are silent until they end, and
// on a loaded machine that takes minutes.
const silenceLimit = 600_000

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * @param {import('./fetch.mjs').Kernel} kernel
 * @param {string} command a shell script
 * @param {{ cwd: string, env: Record<string, string>, onLine(line: string): void }} options
 * @returns {Promise<Ending>}
 */
export async function runInMachine(kernel, command, { cwd, env, onLine }) {
  const folder = mkdtempSync(join(tmpdir(), 'machine-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const file = (/** @type {string} */ name) => join(folder, name)
  try {
    const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`)
    writeFileSync(file('environment'), `${variables.join('')}cd ${quote(cwd)}\n`)
    writeFileSync(file('command'), command)
    copyFileSync(fileURLToPath(new URL('guest.sh', import.meta.url)), file('guest.sh'))
    const machine = spawn('qemu-system-x86_64', parameters(kernel, folder), {
      // At the end of its standard input qemu would take the port for closed, and the guest would wait for ever.
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    process.once('exit', () => machine.kill('SIGKILL'))
    let trouble = ''
    const silence = setTimeout(() => {
      trouble += `nothing was heard for ${silenceLimit / 1000} s\n`
      machine.kill('SIGKILL')
    }, silenceLimit)
    machine.on('error', ({ message }) => {
      trouble += `${message}\n`
    })
    machine.stderr.setEncoding('utf8').on('data', (text) => {
      trouble += text
    })
    const closed = new Promise((resolve) => machine.on('close', resolve))
    for await (const line of createInterface({ input: machine.stdout })) {
      silence.refresh()
      onLine(line)
    }
    await closed
    clearTimeout(silence)
    const status = /^status (\d+)$/m.exec(text(file('status')))?.[1]
    if (status !== undefined) return { status: Number(status), trouble: '' }
    return { status: undefined, trouble: trouble + text(file('console')).split('\n').slice(-25).join('\n') }
  } finally {
    remove()
  }
}

/** @param {string} path */
function text(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/**
 * @param {import('./fetch.mjs').Kernel} kernel
 * @param {string} folder
 */
function parameters(kernel, folder) {
  const share = (/** @type {string} */ tag, /** @type {string} */ path) => [
    ...['-fsdev', `local,id=${tag},path=${path},security_model=none,readonly=on,multidevs=remap`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ]
  const port = (/** @type {string} */ name, /** @type {string} */ backend) => [
    ...['-chardev', `${backend},id=${name}`],
    ...['-device', `virtserialport,chardev=${name},name=${name}`],
  ]
  return [
    ...['-machine', `q35,accel=${accelerated ? 'kvm' : 'tcg'}`, '-cpu', accelerated ? 'host' : 'max'],
    ...['-smp', '1', '-m', '2048', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.image, '-initrd', kernel.initramfs],
    ...['-append', 'console=ttyS0 quiet panic=-1 reboot=t random.trust_cpu=on mitigations=off'],
    ...['-serial', `file:${join(folder, 'console')}`, '-device', 'virtio-serial-pci'],
    ...port('output', 'stdio,signal=off'),
    ...port('status', `file,path=${join(folder, 'status')}`),
    ...share('root', '/'),
    ...share('modules', kernel.modules),
    ...share('run', folder),
  ]
}
