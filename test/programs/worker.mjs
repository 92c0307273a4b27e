// A Worker that works with namespaces until it is told to stop, or terminated. It tells when it is in the middle of it.
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { Namespace, VethPair } from 'linux-namespaces'

async function round() {
  const [a, b] = await Promise.all([Namespace.create(), Namespace.create({ types: ['net', 'uts'] })])
  await VethPair.create(
    { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
    { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
  )
  const links = await a.links.list()
  await b.sysctl.get('net.ipv4.ip_forward')
  a.close()
  b.close()
  return links.map(({ name }) => name).join()
}

if (workerData.rounds !== undefined) {
  const results = []
  for (let i = 0; i < workerData.rounds; i++) results.push(await round())
  parentPort?.postMessage(results)
} else {
  if (workerData.waits) {
    parentPort?.postMessage('loaded')
    if (parentPort !== null) await once(parentPort, 'message')
  }
  // Several at once, so that there is always something in the queue of the native thread.
  const forever = async () => {
    for (;;) await round()
  }
  const loops = Promise.all([forever(), forever(), forever()])
  await round()
  parentPort?.postMessage('working')
  await loops
}
