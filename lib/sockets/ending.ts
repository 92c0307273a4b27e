// What this process has open in a namespace ends when that is closed: kept, it would keep the network stack, too.
import type { Socket as DatagramSocket } from 'node:dgram'
import type { EventEmitter } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { NamespaceCore } from '../namespace/core.js'
import { addon } from '../native/addon.js'
import { type Job, startJob } from '../native/jobs.js'

function endWith(core: NamespaceCore, one: EventEmitter, end: () => void): void {
  one.once('close', core.handle.onClose(end))
}

/** Destroys a connection when the namespace is closed. Without an error: one that nobody listens for would end the process. */
export function endSocketWith(core: NamespaceCore, socket: Socket): void {
  endWith(core, socket, () => socket.destroy())
}

/** Closes a UDP socket when the namespace is closed. */
export function endDatagramsWith(core: NamespaceCore, socket: DatagramSocket): void {
  endWith(core, socket, () => {
    socket.close()
    // Node throws where a closed one is closed again; here the order in which a user tidies up is not to matter.
    socket.close = (callback) => {
      if (callback !== undefined) process.nextTick(callback)
      return socket
    }
  })
}

/** Closes a server when the namespace is closed, and destroys the connections that it has accepted. */
export function endServerWith(core: NamespaceCore, server: Server): void {
  const accepted = new Set<Socket>()
  const add = (socket: Socket) => {
    accepted.add(socket)
    socket.once('close', () => accepted.delete(socket))
  }
  server.prependListener('connection', add)
  server.once('close', () => server.off('connection', add))
  endWith(core, server, () => {
    server.close()
    for (const socket of accepted) socket.destroy()
  })
}

/** Waits for a descriptor, as poll(2) does; when the namespace is closed the wait is cancelled (ECANCELED). */
export function waitInside(core: NamespaceCore, fd: number, events: number, ms: number): Job {
  core.handle.check()
  const job = startJob((id) => addon.wait(id, fd, events, ms))
  const forget = core.handle.onClose(() => job.cancel())
  job.done.then(forget)
  return job
}
