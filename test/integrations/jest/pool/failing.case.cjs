// @ts-check
const { expect, test } = require('@jest/globals')

test('fails in its namespace', () => {
  expect('what is').toBe('what is wanted')
})
