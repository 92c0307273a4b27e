import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { invalidArgument } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { spawn } from './spawn.js'

/** Options of {@link Namespace.execFile}: those of `spawn`, and those of Node's own execFile. */
export interface ExecFileOptions extends Omit<SpawnOptions, 'stdio' | 'detached'> {
  /** How output becomes text, `'utf8'` by default; `'buffer'` leaves it as it is. */
  encoding?: BufferEncoding | 'buffer'
  /** Bytes of one stream after which the process is killed; 1 MiB by default. */
  maxBuffer?: number
  /** What the process reads on its standard input; nothing by default. */
  input?: string | Uint8Array
}

/** What a process wrote. */
export interface ExecFileResult<T = string> {
  stdout: T
  stderr: T
}

/** A process that failed: the fields of Node's own error of execFile. */
export interface ExecFileError extends Error {
  /** Its exit status, or the name of the error with which it could not be started. */
  code: number | string | null
  signal: NodeJS.Signals | null
  killed: boolean
  cmd: string
  stdout: string | Buffer
  stderr: string | Buffer
}

const defaultMaxBuffer = 1024 * 1024

/** Collects a stream; `overflow` is called once, with what came until then kept. */
function collect(stream: Readable | null, limit: number, overflow: () => void): Buffer[] {
  const chunks: Buffer[] = []
  let length = 0
  stream?.on('data', (chunk: Buffer) => {
    const room = limit - length
    length += chunk.length
    if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    if (length > limit) overflow()
  })
  return chunks
}

/** Runs a command inside a namespace to its end; see {@link Namespace.execFile}. */
export function execFile(
  core: NamespaceCore,
  command: string,
  args: readonly string[],
  options: ExecFileOptions,
): Promise<ExecFileResult<string | Buffer>> {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', options, 'it must be an object')
  const { encoding = 'utf8', maxBuffer = defaultMaxBuffer, input, ...rest } = options
  if (typeof maxBuffer !== 'number' || !(maxBuffer >= 0))
    throw invalidArgument('maxBuffer', maxBuffer, 'it must be a number of bytes')
  if (input !== undefined && typeof input !== 'string' && !(input instanceof Uint8Array)) {
    throw invalidArgument('input', input, 'it must be a string or a Uint8Array')
  }
  if (encoding !== 'buffer' && !Buffer.isEncoding(encoding))
    throw invalidArgument('encoding', encoding, 'Node has no such encoding')
  const stdin = input === undefined ? 'ignore' : 'pipe'
  const child: ChildProcess = spawn(core, command, args, { ...rest, stdio: [stdin, 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let failure: (Error & { code?: unknown }) | undefined
    // Whoever inherited its streams holds them open after its end, and this promise with them.
    const abandon = () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    const overflow = (name: string) => () => {
      failure ??= Object.assign(new RangeError(`${name} maxBuffer length exceeded`), {
        code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
      })
      child.kill(options.killSignal)
      abandon()
    }
    const stdout = collect(child.stdout, maxBuffer, overflow('stdout'))
    const stderr = collect(child.stderr, maxBuffer, overflow('stderr'))
    const text = (chunks: Buffer[]) => {
      const bytes = Buffer.concat(chunks)
      return encoding === 'buffer' ? bytes : bytes.toString(encoding)
    }
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      const result = { stdout: text(stdout), stderr: text(stderr) }
      if (failure === undefined && code === 0) return resolve(result)
      const cmd = [command, ...args].join(' ')
      const error = failure ?? new Error(`Command failed: ${cmd}\n${result.stderr}`)
      reject(Object.assign(error, { code: failure?.code ?? code, signal, killed: child.killed, cmd, ...result }))
    }
    child.on('error', (error) => {
      failure ??= error
      abandon()
      // One for which there was no descriptor has no streams and will not close; who aborts does not wait for it to obey.
      if (child.pid === undefined || error.name === 'AbortError') end(null, null)
    })
    child.on('exit', () => {
      if (child.killed) abandon()
    })
    child.on('close', end)
    // A process that does not read its input closes it early.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
