import { invalidArgument } from '../errors/argument.js'

/** `net.ipv4.conf.eth0/1.forwarding`, or with slashes, to the file under /proc/sys, by the rules of sysctl(8). */
export function sysctlPath(name: string): string {
  if (typeof name !== 'string' || !/^[^\s\0]+$/.test(name)) {
    throw invalidArgument('name', name, "a sysctl has a name such as 'net.ipv4.ip_forward'")
  }
  // The separator is the one that comes first; the other one stands for it inside of a part (an interface 'eth0.1').
  const separator = /[./]/.exec(name)?.[0] ?? '.'
  const parts = name.split(separator).map((part) => (separator === '.' ? part.replaceAll('/', '.') : part))
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidArgument('name', name, 'it has an empty part')
  }
  return `/proc/sys/${parts.join('/')}`
}
