import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** How a child ended, and what it wrote. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** The first 'error' event, if there was one. */
  error: (Error & Record<string, unknown>) | undefined
  /** The names of the events, in order. */
  events: string[]
}

/** Waits until a child has ended and its streams are closed. */
export async function ending(child: ChildProcess): Promise<Ending> {
  const result: Ending = { code: null, signal: null, stdout: '', stderr: '', error: undefined, events: [] }
  for (const event of ['spawn', 'exit', 'close', 'disconnect']) child.on(event, () => result.events.push(event))
  child.on('error', (error) => {
    result.events.push('error')
    result.error ??= error as Error & Record<string, unknown>
  })
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      result[name] += text
    })
  }
  // Not events.once, which rejects at 'error'.
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...how) => resolve(how))
  })
  return Object.assign(result, { code, signal })
}

/** Waits for the first text that a child writes. */
export async function firstOutput(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('its output is not piped')
  const [chunk] = await once(child.stdout, 'data')
  return String(chunk)
}

/** The error of a promise that must reject. */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('it should have failed')
}
