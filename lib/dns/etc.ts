import { readFile } from 'node:fs/promises'
import type { NamespaceCore } from '../namespace/core.js'

/**
 * What a file of /etc says in a namespace: the one in /etc/netns/NAME where the namespace has a name and there is one, as
 * ip-netns(8) has it, else the machine's own. Nothing where neither is there.
 */
export async function readEtc(core: NamespaceCore, file: 'resolv.conf' | 'hosts'): Promise<string> {
  const own = core.name === undefined ? undefined : await read(`/etc/netns/${core.name}/${file}`)
  return own ?? (await read(`/etc/${file}`)) ?? ''
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
