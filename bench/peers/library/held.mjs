// @ts-check

/** @typedef {import('linux-namespaces').Namespace} Namespace */

/**
 * The words `hold` and `drop`.
 *
 * @param {() => Promise<Namespace[]>} build
 */
export function holder(build) {
  /** @type {Namespace[]} */
  let held = []
  return {
    /** @returns {Namespace} the first one */
    get first() {
      const [namespace] = held
      if (namespace === undefined) throw new Error('nothing is held')
      return namespace
    },
    words: {
      async hold() {
        held = await build()
        return { paths: held.map((namespace) => namespace.path()) }
      },
      async drop() {
        for (const namespace of held.splice(0)) namespace.close()
        return {}
      },
    },
  }
}

/**
 * Measures some work.
 *
 * @param {() => Promise<unknown>} work
 */
export async function timed(work) {
  const start = performance.now()
  await work()
  return { run: performance.now() - start }
}

/**
 * All words of a workload whose making of namespaces is what is measured.
 *
 * @param {() => Promise<Namespace[]>} build
 */
export function building(build) {
  return {
    ...holder(build).words,
    async run() {
      const start = performance.now()
      const namespaces = await build()
      const built = performance.now()
      for (const namespace of namespaces) namespace.close()
      return { run: built - start, close: performance.now() - built }
    },
  }
}
