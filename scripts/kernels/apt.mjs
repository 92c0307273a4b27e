// @ts-check
// Debian's packages of other releases, by a private apt: its own lists and cache, and source lines derived from the machine's
// own by changing the suite. The system's apt is asked for its sources and otherwise left alone.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where the machine gets a release's packages from: the archive's address, by the suffix of the suite.
 *
 * @returns {{ release: string, archive: string, security: string | undefined }}
 */
function ownSources() {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  const format = ['--no-release-info', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages']
  const lines = execFileSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' }).split('\n')
  const addresses = new Map(lines.map((line) => /** @type {[string, string]} */ (line.split(' '))))
  const archive = addresses.get(codename ?? '')
  if (codename === undefined || archive === undefined) {
    throw new Error(
      'this machine has no apt sources of a Debian release, of which those of other releases could be derived',
    )
  }
  return { release: codename, archive, security: addresses.get(`${codename}-security`) }
}

/**
 * Downloads packages of other suites into a folder.
 *
 * @param {string} folder for the lists, the configuration and the packages
 * @param {readonly string[]} suites such as `bullseye` and `bullseye-security`
 */
export function openSuites(folder, suites) {
  const { archive, security } = ownSources()
  const sources = suites.flatMap((suite) => {
    const address = suite.endsWith('-security') ? security : archive
    return address === undefined ? [] : [`deb ${address} ${suite} main\n`]
  })
  for (const name of ['lists/partial', 'cache/archives/partial', 'packages']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const configuration = join(folder, 'apt.conf')
  writeFileSync(join(folder, 'sources.list'), sources.join(''))
  writeFileSync(
    configuration,
    `Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "${folder}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${folder}/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "";
`,
  )
  /**
   * @param {string} program
   * @param {string[]} args
   */
  const apt = (program, args) => {
    const env = { ...process.env, LC_ALL: 'C.UTF-8' }
    return execFileSync(program, ['-c', configuration, ...args], {
      cwd: join(folder, 'packages'),
      env,
      encoding: 'utf8',
    })
  }

  return {
    update() {
      apt('apt-get', ['-qq', 'update'])
    },

    /**
     * The packages that the newest version of one depends on.
     *
     * @param {string} name
     */
    dependencies(name) {
      const shown = apt('apt-cache', ['show', '--no-all-versions', name])
      return [...shown.matchAll(/^(?:Pre-)?Depends: (.*)$/gm)].flatMap(([, list = '']) =>
        list.split(/[,|]/).flatMap((each) => each.trim().split(' ').slice(0, 1)),
      )
    },

    /**
     * Their files.
     *
     * @param {readonly string[]} names
     */
    download(names) {
      apt('apt-get', ['-qq', 'download', ...names])
      return join(folder, 'packages')
    },
  }
}
