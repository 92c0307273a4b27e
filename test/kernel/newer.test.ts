// Attributes that are newer than some kernels: what the kernel does not know is not passed over in silence.
import { Namespace, NetlinkError } from 'linux-namespaces'
import { linkData } from 'linux-namespaces/netlink'
import { expect, test } from 'vitest'
import { failure } from '../helpers/child.js'
import { kernelAtLeast } from '../helpers/kernel.js'

test('an attribute of a kind that the kernel does not know yet is refused with the release that has it', async () => {
  const ns = await Namespace.create()
  try {
    const making = ns.links.create({ kind: 'bridge', name: 'br0', fdbMaxLearned: 10 })
    if (kernelAtLeast('6.7')) {
      expect(linkData((await making).message, 'bridge')?.fdbMaxLearned).toBe(10)
      return
    }
    const error = await failure(making)
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({ code: 'EOPNOTSUPP', attribute: 'linkinfo.data.fdbMaxLearned' })
    expect(error.message).toContain("'linkinfo.data.fdbMaxLearned' needs Linux 6.7 or newer, and this is ")
    expect((await ns.links.list()).map(({ name }) => name)).not.toContain('br0')
  } finally {
    ns.close()
  }
})
