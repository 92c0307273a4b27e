// The other side of the IPC tests: answers each message with what it is and where it is.
import { readlinkSync } from 'node:fs'
import { Server, Socket } from 'node:net'

process.on('message', (message, handle) => {
  if (message === 'where') process.send?.({ net: readlinkSync('/proc/self/ns/net'), args: process.argv.slice(2) })
  else if (message === 'socket' && handle instanceof Socket) handle.end('from the child')
  else if (message === 'server' && handle instanceof Server)
    handle.on('connection', (socket) => socket.end('served by the child'))
  else process.send?.({ type: message?.constructor?.name, message })
  if (message === 'server') process.send?.('listening')
})
