// @ts-check

import { Namespace, VethPair } from 'linux-namespaces'

export async function buildPair() {
  const [a, b] = await Promise.all([Namespace.create(), Namespace.create()])
  await Promise.all([
    VethPair.create(
      { namespace: a, name: 'eth0', addresses: ['10.0.0.1/24'] },
      { namespace: b, name: 'eth0', addresses: ['10.0.0.2/24'] },
    ),
    b.routes.add({ to: 'default', via: '10.0.0.1' }),
  ])
  return [a, b]
}
