import { release } from 'node:os'

/** Whether the running kernel is of this release, such as `'6.7'`, or a newer one. */
export function kernelAtLeast(wanted: string): boolean {
  const number = (text: string) => {
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? []
    return Number(major) * 1000 + Number(minor)
  }
  return number(release()) >= number(wanted)
}
