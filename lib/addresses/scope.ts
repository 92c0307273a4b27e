import { invalidArgument } from '../errors/argument.js'

/** How far something is away, as `ip(8)` names it. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number

type KernelScope = 'universe' | 'site' | 'link' | 'host' | 'nowhere' | number

const names = ['global', 'site', 'link', 'host', 'nowhere']

/** The kernel's constant says UNIVERSE where everybody says global. */
export function toKernelScope(scope: Scope): KernelScope {
  if (typeof scope !== 'number' && !names.includes(scope)) {
    throw invalidArgument('scope', scope, `it must be one of ${names.join(', ')}, or a number`)
  }
  return scope === 'global' ? 'universe' : scope
}

/** The other way round. */
export function fromKernelScope(scope: KernelScope): Scope {
  return scope === 'universe' ? 'global' : scope
}
