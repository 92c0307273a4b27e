import { expect, test } from 'vitest'
import { errors } from '../../lib/errors/errno.js'
import { namespaceTypes } from '../../lib/namespace/types.js'
import * as constants from '../../lib/native/constants.js'
import { cloneFlags, mountFlags, pidfdFlags, unmountFlags } from '../../lib/syscalls/flags.js'
import { evaluate } from './netlink/headers.js'

const numbers: Readonly<Record<string, number>> = {
  ...constants,
  ...cloneFlags,
  ...mountFlags,
  ...unmountFlags,
  ...pidfdFlags,
  ...Object.fromEntries(Object.entries(errors).map(([name, [number]]) => [name, number])),
  ...Object.fromEntries(Object.values(namespaceTypes).map(({ constant, flag }) => [constant, flag])),
}

test('every number of the kernel that is not in a netlink schema has the value that C gives it', () => {
  const names = Object.keys(numbers)
  expect(names.length).toBeGreaterThan(200)
  const inC = evaluate(names)
  const wrong = names.flatMap((name, i) =>
    inC[i] === numbers[name] ? [] : [`${name}: ${inC[i]} in C, not ${numbers[name]}`],
  )
  expect(wrong).toEqual([])
})
