import { closeSync } from 'node:fs'

/** Has Node take a descriptor over; what it refuses is closed. */
export function adopt<T>(fd: number, take: () => T): T {
  try {
    return take()
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
