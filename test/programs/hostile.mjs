// Calls every function of the addon with arguments of every kind; whatever it does, it must not crash.
// Argument: the path of the addon's module, and whether it is started first.
import { createRequire } from 'node:module'

const [path = '', started] = process.argv.slice(2)
const addon = createRequire(import.meta.url)(path)
if (started === 'started') addon.start(() => {})

const detached = new Uint8Array(36)
structuredClone(detached.buffer, { transfer: [detached.buffer] })
const kinds = [
  undefined,
  null,
  true,
  'text',
  '',
  1.5,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 40,
  2n ** 70n,
  -1n,
  Symbol('s'),
  {},
  [],
  [1, 2],
  () => {},
  new Date(),
  /x/,
  new Map(),
  Promise.resolve(),
  new Int32Array(0),
  new Int32Array(3),
  new Int32Array(9).fill(-1),
  new Int32Array(9).fill(0x7fffffff),
  new Float64Array(9).fill(Number.NaN),
  new BigInt64Array(5),
  new DataView(new ArrayBuffer(36)),
  new ArrayBuffer(36),
  new Uint8Array(new SharedArrayBuffer(36)),
  detached,
  new Proxy({}, {}),
]
const some = [undefined, 'text', -1, {}, new Int32Array(9).fill(-1), new Uint8Array(37)]
let calls = 0
let thrown = 0

/** @param {string} name @param {unknown[]} args */
function call(name, args) {
  calls++
  try {
    addon[name](...args)
  } catch {
    thrown++
  }
}

for (const name of [
  'execute',
  'exchange',
  'wait',
  'cancel',
  'release',
  'close',
  'sharedUserNamespace',
  'open',
  'receive',
  'syscall',
]) {
  call(name, [])
  for (const one of kinds) {
    // Numbers of real system calls and real descriptors would do what they are to do.
    call(name, [one])
    for (const two of some) {
      call(name, [one, two])
      for (const three of some) call(name, [one, two, three, one, two])
    }
  }
}
for (const one of kinds) if (typeof one !== 'number') call('own', [one])
for (const one of kinds) if (typeof one !== 'function' || started === 'started') call('start', [one])
call('start', [])
console.log(calls > 1000 && thrown > 100 ? 'alive' : `${thrown} of ${calls} thrown`)
process.exit(0)
