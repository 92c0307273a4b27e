// @ts-check
// The development build by cmake-js. Without arguments: build-cmake/ with compile_commands.json; `--sanitized`: an
// addon with AddressSanitizer and UBSan in build-sanitized/; `--configure`: only the compile commands, nothing compiled.

import { nodeHeadersPrefix } from './node-headers.mjs'
import { bin, run } from './tools.mjs'

const sanitized = process.argv.includes('--sanitized')
const action = process.argv.includes('--configure') ? 'configure' : 'build'
const out = sanitized ? 'build-sanitized' : 'build-cmake'
const prefix = nodeHeadersPrefix()
const env = prefix === undefined ? process.env : { ...process.env, npm_config_nodedir: prefix }

const options = [`--CDSANITIZE=${sanitized ? 'ON' : 'OFF'}`, '-O', out, '-B', 'RelWithDebInfo', '-l', 'warn']
run(bin('cmake-js'), ['configure', ...options], env)
if (action === 'build') run(bin('cmake-js'), ['build', ...options], env)
