import { checkBoolean, checkInteger, checkKeys, checkObject, invalidArgument } from '../errors/argument.js'
import { Program, type StepResult } from '../executor/program.js'
import { checkLimits, type Limits, limitKeys } from '../limits.js'
import { AT_FDCWD, MS_PRIVATE, MS_REC, O_CLOEXEC } from '../native/constants.js'
import { type LoopbackUp, openSocketSteps, raiseLoopback, raiseRequest } from '../netlink/socket.js'
import { checkHome } from '../sysctl/home.js'
import { sysctlPath } from '../sysctl/path.js'
import { checkSysctlValue, type SysctlWritten, writeSysctl } from '../sysctl/value.js'
import { NamespaceCore } from './core.js'
import { checkMayPin, checkName, pathOfName, pinTo } from './named.js'
import { privileged, sharedUserNamespace } from './privilege.js'
import { checkTypes, creatable, type NamespaceType, namespaceTypes } from './types.js'
import { mapTexts, type UserOptions } from './user-map.js'

/** Options of {@link Namespace.create}. */
export interface CreateOptions extends Limits {
  /** Pinned at /run/netns/NAME, as `ip netns add` does, so that it outlives the process; root only. */
  name?: string
  /** Which namespaces are new; `['net']` by default. What is not among them stays the caller's. */
  types?: readonly NamespaceType[]
  /** The host name inside, at most 64 bytes; implies `'uts'`. */
  hostname?: string
  /** The ids of its own user namespace; implies `'user'`. By default the caller becomes 0. */
  user?: UserOptions
  /** Whether its loopback device is up; true by default. */
  loopback?: boolean
  /** Kernel settings to make inside, e.g. `{ 'net.ipv4.ip_forward': 1 }`: those that its types have of their own. */
  sysctl?: Readonly<Record<string, string | number>>
}

const optionKeys: Record<keyof CreateOptions, true> = {
  name: true,
  types: true,
  hostname: true,
  user: true,
  loopback: true,
  sysctl: true,
  ...limitKeys,
}

interface Plan {
  types: NamespaceType[]
  maps: { uidMap: string; gidMap: string } | undefined
  path: string | undefined
  options: CreateOptions
}

// All that can be wrong with the options, before the kernel is asked for anything.
function plan(options: CreateOptions): Plan {
  const { types = ['net'], hostname, user, loopback = true, sysctl = {} } = checkKeys('options', options, optionKeys)
  checkLimits(options)
  checkBoolean('loopback', loopback)
  const wanted: NamespaceType[] = [...checkTypes(types, creatable)]
  if (hostname !== undefined) {
    if (typeof hostname !== 'string' || hostname.includes('\0'))
      throw invalidArgument('hostname', hostname, 'it must be a string')
    checkInteger('hostname.length', Buffer.byteLength(hostname), 1, 64)
    wanted.push('uts')
  }
  if (user !== undefined) wanted.push('user')
  for (const [name, value] of Object.entries(checkObject('sysctl', sysctl))) {
    sysctlPath(name)
    checkSysctlValue(name, value)
  }
  const all = checkTypes(wanted, creatable)
  for (const name of Object.keys(sysctl)) checkHome(name, all)
  const operation = `creating namespace '${options.name}'`
  if (options.name !== undefined) {
    checkName(options.name)
    if (!all.includes('net')) throw invalidArgument('name', options.name, 'only a network namespace is pinned by name')
    checkMayPin(pathOfName(options.name), operation)
  }
  return {
    types: all,
    maps: all.includes('user') ? mapTexts(user === undefined ? {} : checkObject('user', user)) : undefined,
    path: options.name === undefined ? undefined : pathOfName(options.name),
    options,
  }
}

/** A program that makes namespaces, and where to find what it made. */
interface Creation {
  program: Program
  opened: ReadonlyMap<NamespaceType, StepResult>
  socket: StepResult | undefined
  loopback: LoopbackUp | undefined
  settings: SysctlWritten[]
}

function prepare({ types, maps, options }: Plan, shared: number | undefined): Creation {
  const program = new Program()
  program.chains = types.length === 1 && types[0] === 'net'
  if (shared !== undefined) {
    const purpose = 'joining the shared user namespace'
    program.call('setns', [shared, namespaceTypes.user.flag], { purpose, once: program.chains })
  }
  if (maps !== undefined) program.enterNewUserNamespace(maps)
  const flags = types.reduce((sum, type) => (type === 'user' ? sum : sum | namespaceTypes[type].flag), 0)
  const limits = types.map((type) => `user.max_${type}_namespaces`).join(', ')
  const hint = (code: string) => (code === 'ENOSPC' ? `A limit is reached: sysctl -w raises ${limits}` : undefined)
  if (flags !== 0) program.call('unshare', [flags], { purpose: `new ${types.join(', ')}`, hint })
  // Without this, mounts made inside would appear outside, on the shared mounts that systemd makes.
  if (types.includes('mnt')) program.call('mount', ['none', '/', 'none', MS_REC | MS_PRIVATE, 0], { path: '/' })
  if (options.hostname !== undefined) {
    const name = program.bytes(new TextEncoder().encode(options.hostname))
    program.call('sethostname', [name, name.length])
  }
  const settings = Object.entries(options.sysctl ?? {}).map(([name, value]) => writeSysctl(program, name, value))
  const opened = new Map<NamespaceType, StepResult>()
  for (const type of types) {
    const file = `/proc/thread-self/ns/${type}`
    opened.set(type, program.call('openat', [AT_FDCWD, file, O_CLOEXEC], { descriptor: 'keep', path: file }))
  }
  // Opened inside its own user namespace the socket would have capabilities there only, and could not link to others.
  const socket = types.includes('net') && maps === undefined ? openSocketSteps(program) : undefined
  const loopback = socket !== undefined && options.loopback !== false ? raiseLoopback(program, socket) : undefined
  return { program, opened, socket, loopback, settings }
}

// The program for a network namespace without further wishes, which most are: it is always the same.
let usual: Creation | undefined

function creationOf(plan: Plan, shared: number | undefined): Creation {
  const { types, options } = plan
  const { hostname, sysctl, loopback = true } = options
  if (types.length > 1 || types[0] !== 'net' || hostname !== undefined || sysctl !== undefined || !loopback) {
    return prepare(plan, shared)
  }
  usual ??= prepare(plan, shared)
  return usual
}

const usualPlan = plan({})

/** Makes the namespaces in one visit of the executor; see {@link Namespace.create}. */
export async function createCore(given?: CreateOptions): Promise<NamespaceCore> {
  const planned = given === undefined ? usualPlan : plan(given)
  const { types, path, options } = planned
  const shared = privileged ? undefined : await sharedUserNamespace()
  const { program, opened, socket, loopback, settings } = creationOf(planned, shared)
  const what =
    options.name === undefined ? `creating a namespace (${types.join(', ')})` : `creating namespace '${options.name}'`
  const result = await program.run(what, options)
  const core = new NamespaceCore({
    descriptors: new Map([...opened].map(([type, step]) => [type, result.of(step)])),
    owner: shared === undefined ? undefined : { descriptor: shared, shared: true },
    socket: socket === undefined ? undefined : result.of(socket),
    created: true,
  })
  try {
    loopback?.check(result)
    for (const each of settings) each.check(result)
    if (types.includes('net') && socket === undefined && options.loopback !== false)
      await raiseLoopbackLater(core, options)
    if (path !== undefined) await pinTo(path, core.descriptor('net'), what, options)
    core.name = options.name
  } catch (error) {
    core.handle.close()
    throw error
  }
  return core
}

async function raiseLoopbackLater(core: NamespaceCore, limits: Limits): Promise<void> {
  await core.withConnection((connection) => connection.request(raiseRequest, limits))
}
