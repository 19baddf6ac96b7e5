/** Exports: a file of all that is in force, which `check` takes and an engine serves alike. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { loadConfigFile } from '../../src/config/load.ts'
import { runCommand } from '../cli/run-command.ts'
import type { Json } from '../e2e/world.ts'
import { type Answer, feed, startManaged } from './management-world.ts'

const FILE = `
auth: { tokens: [{ name: ops, secret: { env: OPS }, may: [manage, send] }] }
accounts: [{ id: acme, groups: [dealers] }]
dataPoints: [{ name: queue_depth, description: Callers waiting, example: 7 }]
templates: [{ id: lead, group: dealers, type: json, format: '{"phone": "%ani%", "depth": %queue_depth%}' }]
webhooks:
  - id: crm
    account: acme
    profile: autoid
    url: https://crm.example.com/leads?key=k1
    template: lead
    headers: [{ name: x-source, value: phone }]
    signing: { secret: { env: SIGN } }
  - { id: order, profile: custom, method: GET, url: 'https://crm.example.com/', params: { b: ani, 10: { value: 0800 }, 2: ani } }
bindings: [{ account: acme, campaign: 'Sales: #1', begin: [crm] }]
`
const SECRETS = { OPS: 'ops-secret', SIGN: 'whsec_c2VjcmV0LW9mLXRoZS1maWxl' }
const OPS = { token: SECRETS.OPS }

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-export-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What of answers must be the same wherever entries come from. */
function configsOf(answers: readonly Answer[]): readonly Json[] {
  return answers.map(({ json }) => {
    const [[, entries] = []] = Object.entries(json)
    return (entries as Json[]).map(({ id, account, active, config }) => ({ id, account, active, config }))
  })
}

test('export, check, serve: the same again', async () => {
  const folder = makeFolder()
  const file = join(folder, 'switchhook.yaml')
  const first = await startManaged(FILE, SECRETS)
  await first.ask(
    'PUT',
    '/v1/webhooks/own',
    feed('https://own.example.com', { signing: { secret: 'whsec_b3duLXNlY3JldA==' } }),
    OPS,
  )
  await first.ask(
    'PUT',
    '/v1/webhooks/order',
    feed('https://own.example.com', { headers: { 'x-a': { secret: 'marked' } } }),
    OPS,
  )
  await first.ask('PUT', '/v1/templates/lead', { group: 'dealers', type: 'json', format: '{"phone": "%ani%"}' }, OPS)
  await first.ask('PUT', '/v1/bindings/all', { number: '8005550001', postCall: 'none' }, OPS)

  const env = { SWITCHHOOK_URL: first.url, SWITCHHOOK_TOKEN: SECRETS.OPS }
  expect(await runCommand(['export', file], { env })).toMatchObject({ status: 0 })
  const text = readFileSync(file, 'utf8')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(text).toContain('#   SWITCHHOOK_WEBHOOK_OWN_SIGNING_SECRET  webhooks own signing.secret\n')
  expect(text).toContain('#   SWITCHHOOK_WEBHOOK_ORDER_HEADERS_X_A  webhooks order headers.x-a\n')
  for (const secret of [...Object.values(SECRETS), 'b3duLXNlY3JldA', 'marked']) expect(text).not.toContain(secret)

  const placeholders = {
    SWITCHHOOK_WEBHOOK_OWN_SIGNING_SECRET: 'whsec_b3duLXNlY3JldA==',
    SWITCHHOOK_WEBHOOK_ORDER_HEADERS_X_A: 'marked',
  }
  expect(await loadConfigFile(file, SECRETS)).toMatchObject({ kind: 'refused', issues: [{}, {}] })
  expect(await loadConfigFile(file, { ...SECRETS, ...placeholders })).toMatchObject({ kind: 'loaded' })

  // The world has sections of its own for these.
  const served = text.replaceAll(/^(?:listen|network|store|workers):.*\n(?: .*\n)*/gm, '')
  const second = await startManaged(served, { ...SECRETS, ...placeholders })
  const paths = ['/v1/templates', '/v1/webhooks', '/v1/bindings']
  const before = await Promise.all(paths.map((path) => first.ask('GET', path, undefined, OPS)))
  const after = await Promise.all(paths.map((path) => second.ask('GET', path, undefined, OPS)))
  const hidden = JSON.stringify(configsOf(before))
    .replace('{"secret":{"hidden":true}}', '{"secret":{"env":"SWITCHHOOK_WEBHOOK_OWN_SIGNING_SECRET"}}')
    .replace('{"x-a":{"hidden":true}}', '{"x-a":{"env":"SWITCHHOOK_WEBHOOK_ORDER_HEADERS_X_A"}}')
  expect(configsOf(after)).toEqual(JSON.parse(hidden))
})

test('parameters keep their order on the way', async () => {
  const { url, post } = await startManaged(FILE, SECRETS)
  const asked = { authorization: `Bearer ${SECRETS.OPS}` }
  const wanted = 'https://crm.example.com/?b=A&10=0800&2=A'
  expect((await post('/v1/webhooks/order/render', { data: { ani: 'A' } }, asked)).json.url).toBe(wanted)
  const { config } = await new SwitchhookClient({ url, token: SECRETS.OPS }).export()
  expect(config['webhooks']).toContainEqual(
    expect.objectContaining({
      id: 'order',
      params: [
        { name: 'b', from: 'ani' },
        { name: '10', value: '0800' },
        { name: '2', from: 'ani' },
      ],
    }),
  )
})

test('user and password of a URL become a header, or are asked for', async () => {
  const { ask, url } = await startManaged('')
  const fallback = { url: 'http://u:p@127.0.0.1:9/f' }
  await ask('PUT', '/v1/webhooks/one', feed('http://u:p@127.0.0.1:9'))
  await ask('PUT', '/v1/webhooks/two', feed('http://u:p@127.0.0.1:9', { fallback }))
  const { config, placeholders } = await new SwitchhookClient({ url }).export()
  expect(config['webhooks']).toMatchObject([
    {
      url: 'http://127.0.0.1:9',
      headers: [{ name: 'authorization', value: { env: 'SWITCHHOOK_WEBHOOK_ONE_AUTHORIZATION' } }],
    },
    { url: 'http://[secret]@127.0.0.1:9', fallback: { url: 'http://[secret]@127.0.0.1:9/f' } },
  ])
  expect(placeholders.map(({ variable, at }) => variable ?? at)).toEqual([
    'SWITCHHOOK_WEBHOOK_ONE_AUTHORIZATION',
    'webhooks two fallback.url',
    'webhooks two url',
  ])
})

test('a file that is there already is left alone unless it is forced', async () => {
  const file = join(makeFolder(), 'there.yaml')
  writeFileSync(file, 'mine')
  const { url } = await startManaged('')
  const env = { SWITCHHOOK_URL: url }
  expect(await runCommand(['export', file], { env })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('--force'),
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(await runCommand(['export', file, '--force'], { env })).toMatchObject({ status: 0 })
  expect(readFileSync(file, 'utf8')).toMatch(/^# Exported by switchhook export/)
  expect(await runCommand(['export'], { env })).toMatchObject({ status: 0, stdout: readFileSync(file, 'utf8') })
})

test('an export is of one moment, or there is none', async () => {
  const { url, ask } = await startManaged('')
  const client = new SwitchhookClient({ url })
  const changing = new AbortController()
  const change = (async () => {
    for (let count = 0; !changing.signal.aborted; count += 1) {
      await ask('PUT', '/v1/bindings/b', { number: '8005550001', postCall: count % 2 === 0 ? 'none' : 'account-wide' })
    }
  })()
  const result = await client.export().then(
    ({ config }) => JSON.stringify(config),
    (error: unknown) => String(error),
  )
  changing.abort()
  await change
  expect(result).toMatch(/^\{.*"bindings".*\}$|^\{\}$|changed while it was read/)
})
