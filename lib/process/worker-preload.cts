// Loaded by `--require`, which alone runs before every kind of Worker: ES modules, CommonJS and `eval`.
import moduleBuiltin = require('node:module')
import workers = require('node:worker_threads')

const key = 'linux-namespaces.worker'

// A Worker, or a child, of a Worker has been given its options: what is meant for that one alone is taken out again.
const at = process.execArgv.indexOf(__filename)
if (at > 0) process.execArgv.splice(at - 1, 2)

const given: unknown = workers.workerData
if (!workers.isMainThread && typeof given === 'object' && given !== null && key in given && 'data' in given) {
  Object.assign(workers, { workerData: given.data })
  moduleBuiltin.syncBuiltinESMExports()
  const { enterNamespaces } = require('./worker-thread.js')
  enterNamespaces(given[key])
}
