import { readdirSync, readFileSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { Namespace } from 'linux-namespaces'
import { afterAll, beforeAll } from 'vitest'

const directory = '/run/netns'

const isMounted = () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${directory} `)

/**
 * For the tests of a file that make names on the host, as root: the directory is there from the start, and afterwards as before.
 * All such names begin with `ln`, by which `.ci/run` knows what a test has left.
 */
export function useNetnsDirectory(): void {
  let mounted: boolean
  beforeAll(async () => {
    mounted = isMounted()
    using _first = await Namespace.create({ name: `lnfirst${process.pid}` })
    await Namespace.delete(`lnfirst${process.pid}`)
  })
  afterAll(async () => {
    // Somebody else may have come to use it meanwhile.
    if (mounted || readdirSync(directory).length > 0) return
    await Namespace.current().execFile('umount', [directory])
    await rmdir(directory)
  })
}
