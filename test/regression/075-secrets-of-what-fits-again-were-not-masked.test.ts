/**
 * The log was told the secrets of webhooks that are in force at the start or put later. Those of a webhook of the API that did not fit the
 * file at the start were never told, though it came into force as soon as it fitted.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { type Service, startService } from '../../src/service.ts'
import { ask } from '../management/management-world.ts'

const SECRET = 'whsec_cGxhbnRlZC1zaWduaW5n'
const TEMPLATE = { type: 'json', format: '{}' }
const FILE_TEMPLATE = `templates: [{ id: lead, type: json, format: '{}' }]`

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-masked-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function configOf(folder: string, rest: string) {
  const store = `store: { path: '${folder}', minFree: 0B }`
  const loaded = parseConfig(`workers: 0\nlisten: { port: 0 }\n${store}\n${rest}`, 'test.yaml', {})
  if (loaded.kind === 'loaded') return loaded.config
  throw new Error(loaded.issues.map(({ message }) => message).join('\n'))
}

async function start(folder: string, rest: string, hidden: string[]): Promise<Service> {
  const log = { level: 'error', info: () => undefined, warn: () => undefined, error: () => undefined }
  const onSecrets = (secrets: readonly string[]): unknown => hidden.push(...secrets)
  return await startService({ config: configOf(folder, rest), version: '1.2.3', log, onSecrets })
}

test.each([
  ['a reload', async ({ reload }: Service, folder: string) => void (await reload(configOf(folder, FILE_TEMPLATE)))],
  ['a change', async ({ url }: Service) => void (await ask(url, 'PUT', '/v1/templates/lead', TEMPLATE))],
])('%s that lets a webhook be used again tells its secrets first', async (_what, mend) => {
  const folder = makeFolder()
  const first = await start(folder, FILE_TEMPLATE, [])
  const own = { profile: 'autoid', url: 'https://crm.example.com', template: 'lead', signing: { secret: SECRET } }
  expect((await ask(first.url, 'PUT', '/v1/webhooks/own', own)).status).toBe(201)
  await first.close(0)

  const hidden: string[] = []
  const service = await start(folder, '', hidden)
  onTestFinished(() => service.close(0))
  expect(hidden).toEqual([])
  await mend(service, folder)
  expect((await ask(service.url, 'GET', '/v1/webhooks/own')).json.mistakes).toBeUndefined()
  expect(hidden).toEqual([SECRET])
})
