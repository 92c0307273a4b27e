// A worker of node:cluster tells why it cannot listen in a namespace.
import cluster from 'node:cluster'
import { createServer } from 'node:net'
import { Namespace } from 'linux-namespaces'

if (cluster.isPrimary) {
  cluster.fork()
} else {
  const ns = await Namespace.create()
  const refused = await ns.listen(createServer()).catch((error) => error)
  console.log(refused.code)
  ns.close()
  cluster.worker?.disconnect()
}
