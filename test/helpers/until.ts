import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a condition holds; fails when it does not within `limit` milliseconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limit = 5000): Promise<void> {
  const deadline = Date.now() + limit
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`after ${limit} ms still not: ${what}`)
    await sleep(10)
  }
}
