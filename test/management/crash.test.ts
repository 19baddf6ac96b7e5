/** A process that is killed: what it answered 201 for is there again, and what it did not answer is there whole or not at all. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ServeProcess, testFolder } from '../e2e/serve-process.ts'
import { ask, feed } from './management-world.ts'

test('kill -9 right after an answer keeps what was answered', async () => {
  const folder = await testFolder()
  const file = join(folder, 'switchhook.yaml')
  await writeFile(file, `workers: 0\nstore: { path: ./data, minFree: 0B }\n`)
  const kept: string[] = []
  for (const round of [0, 1, 2]) {
    const server = await ServeProcess.start(file)
    const { json } = await ask(server.url, 'GET', '/v1/webhooks?limit=1000')
    const ids: string[] = json.webhooks.map(({ id }: { id: string }) => id)
    expect(ids).toEqual(expect.arrayContaining(kept))
    // One more may be there: the one that was under way.
    expect(ids.length - kept.length).toBeLessThanOrEqual(1)
    kept.splice(0, kept.length, ...ids)
    const put = async (id: string): Promise<void> => {
      const { status } = await ask(server.url, 'PUT', `/v1/webhooks/${id}`, feed('http://127.0.0.1:9'))
      expect(status).toBe(201)
      kept.push(id)
    }
    for (let count = 0; count < 20; count += 1) await put(`r${round}-${count}`)
    const last = put(`r${round}-last`).catch(() => undefined)
    server.signal('SIGKILL')
    await last
  }
  expect(kept.length).toBeGreaterThanOrEqual(60)
})

test('a file that does not fit is refused while it runs, and the log names why', async () => {
  const folder = await testFolder()
  const file = join(folder, 'switchhook.yaml')
  const template = `templates: [{ id: lead, type: json, format: '{}' }]\n`
  const head = 'workers: 0\nstore: { engine: memory }\n'
  await writeFile(file, head + template)
  const server = await ServeProcess.start(file)
  const own = { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'lead' }
  expect((await ask(server.url, 'PUT', '/v1/webhooks/own', own)).status).toBe(201)
  await writeFile(file, `${head}webhooks: [{ id: crm, profile: custom, url: 'https://crm.example.com' }]\n`)
  const entry = await server.untilLogged('the configuration was refused: the one before goes on')
  expect(entry.issues).toEqual([expect.stringMatching(/^the API's webhook own: template: there is no template lead/)])
  expect((await ask(server.url, 'GET', '/v1/stats')).json.config.lastReload).toMatchObject({ result: 'refused' })
  expect((await ask(server.url, 'GET', '/v1/templates/lead')).status).toBe(200)
})
