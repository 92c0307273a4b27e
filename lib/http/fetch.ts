import type { Dispatcher, RequestInfo, RequestInit, Response } from 'undici'
import { invalidArgument } from '../errors/argument.js'
import type { NamespaceCore } from '../namespace/core.js'
import { dispatcher, isDispatcherOf, undici } from './dispatcher.js'

/** Options of {@link Namespace.fetch}: those of undici's fetch. */
export type FetchInit = Omit<RequestInit, 'body'> & { body?: RequestInit['body'] | globalThis.FormData }

const dispatchers = new WeakMap<NamespaceCore, Dispatcher>()

function dispatcherOf(core: NamespaceCore): Dispatcher {
  const known = dispatchers.get(core)
  if (known !== undefined) return known
  const made = dispatcher(core, {})
  dispatchers.set(core, made)
  return made
}

/** Fetches from inside; see {@link Namespace.fetch}. */
export async function fetch(
  core: NamespaceCore,
  input: RequestInfo | globalThis.Request,
  init: FetchInit = {},
): Promise<Response> {
  core.handle.check()
  const given = init.dispatcher
  if (given !== undefined && !isDispatcherOf(core, given))
    throw invalidArgument('init.dispatcher', given, `it must be one that ${core.label} has made`)
  const { body, ...rest } = init
  return undici().fetch(input instanceof globalThis.Request ? ownRequest(input) : input, {
    ...rest,
    ...(body === undefined ? {} : { body: body instanceof globalThis.FormData ? ownFormData(body) : body }),
    dispatcher: given ?? dispatcherOf(core),
  })
}

// undici takes objects of its own classes only, and what it does not know for text.
function ownRequest(request: globalThis.Request): RequestInfo {
  const { url, method, headers, body, redirect, signal, integrity, credentials, cache, mode, keepalive } = request
  const { referrer, referrerPolicy } = request
  return new (undici().Request)(url, {
    ...{ method, redirect, signal, integrity, credentials, cache, mode, keepalive, referrer, referrerPolicy },
    headers: [...headers],
    ...(body === null ? {} : { body, duplex: 'half' }),
  })
}

function ownFormData(form: globalThis.FormData): InstanceType<typeof import('undici').FormData> {
  const own = new (undici().FormData)()
  for (const [name, value] of form) own.append(name, value)
  return own
}
