import { invalidArgument } from '../errors/argument.js'

/** A kind of Linux namespace, by its name under /proc/PID/ns. */
export type NamespaceType = 'net' | 'mnt' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'pid' | 'time'

/** Each type's CLONE_NEW* flag, in the order in which they are joined: 'user' first, since its capabilities open the others. */
export const namespaceTypes = {
  user: { flag: 0x10000000, constant: 'CLONE_NEWUSER' },
  net: { flag: 0x40000000, constant: 'CLONE_NEWNET' },
  uts: { flag: 0x04000000, constant: 'CLONE_NEWUTS' },
  ipc: { flag: 0x08000000, constant: 'CLONE_NEWIPC' },
  cgroup: { flag: 0x02000000, constant: 'CLONE_NEWCGROUP' },
  pid: { flag: 0x20000000, constant: 'CLONE_NEWPID' },
  time: { flag: 0x00000080, constant: 'CLONE_NEWTIME' },
  mnt: { flag: 0x00020000, constant: 'CLONE_NEWNS' },
} as const satisfies Record<NamespaceType, { flag: number; constant: string }>

/** The types in the order in which they are joined; mnt is last, since it changes what every path means. */
export const joinOrder = Object.keys(namespaceTypes) as NamespaceType[]

/** The types that {@link Namespace.create} makes so far; pid and time need a process of their own to start in them. */
export const creatable: readonly NamespaceType[] = ['user', 'net', 'uts', 'ipc', 'cgroup', 'mnt']

/** Checks a list of types and puts it into joining order, each once. */
export function checkTypes(types: readonly NamespaceType[], allowed: readonly NamespaceType[]): NamespaceType[] {
  if (!Array.isArray(types) || types.length === 0) throw invalidArgument('types', types, 'it must be a list of types')
  for (const type of types) {
    if (!allowed.includes(type)) throw invalidArgument('types', type, `it must be one of ${allowed.join(', ')}`)
  }
  return joinOrder.filter((type) => types.includes(type))
}

/** The type of a CLONE_NEW* flag, as NS_GET_NSTYPE tells it. */
export function typeOfFlag(flag: number): NamespaceType | undefined {
  return joinOrder.find((type) => namespaceTypes[type].flag === flag)
}
