interface Listener {
  readonly callbacks: Set<() => void>
  readonly abort: () => void
}

const listeners = new WeakMap<AbortSignal, Listener>()

/**
 * Has a function called when a signal is aborted. However many wait for one signal, it has one listener: Node takes more than ten for
 * a leak, and warns.
 *
 * @param callback a function of its own for each call; it must not throw
 * @returns takes it back
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {}
  const { callbacks, abort } = listeners.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0 || listeners.get(signal)?.callbacks !== callbacks) return
    listeners.delete(signal)
    signal.removeEventListener('abort', abort)
  }
}

function listen(signal: AbortSignal): Listener {
  const callbacks = new Set<() => void>()
  const abort = () => {
    listeners.delete(signal)
    for (const callback of callbacks) callback()
  }
  const listener = { callbacks, abort }
  listeners.set(signal, listener)
  signal.addEventListener('abort', abort, { once: true })
  return listener
}
