import type { ClientRequest } from 'node:http'

/**
 * What Node has the socket of a request do while it connects, for a request that has no socket yet: when the request is
 * destroyed, or its signal aborted, the connecting ends with it, and when its time is over, it is told.
 *
 * @returns what ends that, once there is a socket
 */
export function watchRequest(
  request: ClientRequest & { timeout?: number | undefined },
  timeout: number | undefined,
  connecting: AbortController,
): () => void {
  const limit = request.timeout ?? timeout ?? 0
  const timer = limit > 0 ? setTimeout(() => request.emit('timeout'), limit) : undefined
  let watching = true
  const { destroy } = request
  request.destroy = (error) => {
    if (watching) connecting.abort(error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
    return destroy.call(request, error)
  }
  return () => {
    watching = false
    clearTimeout(timer)
  }
}
