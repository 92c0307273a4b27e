// nginx in one namespace, with this process and curl in another, and this process behind it.
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { answers, folder, installed, service } from '../helpers/service.js'
import { closed, useStacks } from '../helpers/stacks.js'

const stacks = useStacks()

// One process, which changes its user nowhere: an ordinary user is root in there, and can be nobody else.
const configuration = (directory: string) => `
  daemon off; master_process off; user root; pid ${directory}/pid; error_log stderr;
  events { worker_connections 512; }
  http {
    access_log off; client_max_body_size 20m;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`).join(' ')}
    server {
      listen 10.0.0.1:80; listen [fd00::1]:80;
      root ${directory};
      location /behind/ { proxy_pass http://10.0.0.2:8080/; }
    }
  }`

async function nginx(): Promise<AsyncDisposable> {
  const program = await installed('nginx', 'nginx')
  const directory = await folder()
  await writeFile(join(directory.path, 'page'), 'from nginx\n')
  await writeFile(join(directory.path, 'large'), Buffer.alloc(5_000_000, 'nginx '))
  await writeFile(join(directory.path, 'conf'), configuration(directory.path))
  const args = ['-e', 'stderr', '-c', join(directory.path, 'conf')]
  return service(stacks.blue, program, args, () => answers(stacks.red, '10.0.0.1', 80), directory)
}

test('fetch gets pages of nginx, one after the other and many at once, by both families', async () => {
  await using _ = await nginx()
  for (const host of ['10.0.0.1', '[fd00::1]']) {
    const response = await stacks.red.fetch(`http://${host}/page`)
    expect(response.headers.get('server')).toMatch(/^nginx\//)
    expect(await response.text()).toBe('from nginx\n')
  }
  const large = await (await stacks.red.fetch('http://10.0.0.1/large')).arrayBuffer()
  expect(Buffer.from(large).equals(Buffer.alloc(5_000_000, 'nginx '))).toBe(true)
  const pages = Array.from({ length: 200 }, async () => (await stacks.red.fetch('http://10.0.0.1/page')).text())
  expect(new Set(await Promise.all(pages))).toEqual(new Set(['from nginx\n']))
  expect((await stacks.red.fetch('http://10.0.0.1/none')).status).toBe(404)
  stacks.red.close()
})

test('curl in one namespace reaches a server of this process in the same by way of nginx in another', async () => {
  await installed('curl', 'curl')
  await using _ = await nginx()
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    response.end(`${request.method} ${request.url} ${body.length} from ${request.socket.remoteAddress}\n`)
  })
  await stacks.red.listen(server, { host: '10.0.0.2', port: 8080 })
  const data = 'x'.repeat(100_000)
  const { stdout } = await stacks.red.execFile('curl', ['-sS', '-d', data, 'http://10.0.0.1/behind/there'])
  expect(stdout).toBe('POST /there 100000 from 10.0.0.1\n')
  await closed(server)
})

test('fetch fails when the namespace is closed in the middle of a page of nginx', async () => {
  await using _ = await nginx()
  const response = await stacks.red.fetch('http://10.0.0.1/large')
  stacks.red.close()
  await expect(response.arrayBuffer()).rejects.toThrow(TypeError)
})
