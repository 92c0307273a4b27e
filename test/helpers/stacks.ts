// Two stacks with a cable between them, the same for every test of what is spoken over it.
import { readFileSync } from 'node:fs'
import { Namespace, VethPair } from 'linux-namespaces'
import { afterEach, beforeEach } from 'vitest'

export interface Stacks {
  /** 10.0.0.1, fd00::1 */
  blue: Namespace
  /** 10.0.0.2, fd00::2 */
  red: Namespace
}

/** Makes them before each test of the file and closes them after it. */
export function useStacks(): Stacks {
  const stacks = {} as Stacks
  beforeEach(async () => {
    const [blue, red] = await Promise.all([Namespace.create(), Namespace.create()])
    await VethPair.create(
      { namespace: blue, name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] },
      { namespace: red, name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] },
    )
    Object.assign(stacks, { blue, red })
  })
  afterEach(() => {
    stacks.blue.close()
    stacks.red.close()
  })
  return stacks
}

const read = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url))

/** A certificate for blue.test, 10.0.0.1 and fd00::1, signed by itself. */
export const tls = { key: read('key.pem'), cert: read('cert.pem') }

/** Closes a server, once its connections have ended. */
export async function closed(server: { close(callback: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
