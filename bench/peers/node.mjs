// @ts-check

import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('node/program.mjs', import.meta.url))

/** @type {Record<string, { title: string, differs: string }>} */
const rows = {
  'socket-udp': {
    title: 'dgram.createSocket, bound',
    differs: "the same in this process's own stack, until 'listening'",
  },
  'http-agent': {
    title: "host's loopback, http.Agent",
    differs: 'the same server, client and agent options in the stack of the host, on 127.0.0.1 with its MTU of 65,536',
  },
  'http-dispatcher': {
    title: "host's loopback, undici",
    differs: 'the same with an Agent of undici',
  },
}

/** @type {import('../types.js').MakePeer} */
export const node = (workload, size) => ({
  name: 'node',
  title: rows[workload]?.title ?? '',
  differs: rows[workload]?.differs ?? '',
  required: true,
  outside: true,
  prepare: async () => ({ file: process.execPath, args: [program, workload, `${size}`] }),
})
