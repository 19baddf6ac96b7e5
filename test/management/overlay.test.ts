/** File and overlay together: which wins, what a restart and a reload leave, and what becomes of entries that fit no more. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { endOf, feed, startManaged } from './management-world.ts'

const WEBHOOK = `  - { id: crm, name: FILE, profile: custom, on: [call.end], url: 'http://127.0.0.1:9', body: '{}' }\n`
const API = feed('http://127.0.0.1:9', { name: 'API' })

/** The line of a configuration for a store that outlasts the engine. */
function storeIn(folder: string): string {
  return `store: { engine: embedded, path: '${folder}', minFree: 0B }\n`
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-overlay-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('what is in force under an id', () => {
  test.each([
    ['nothing', 'nothing', undefined],
    ['it', 'nothing', 'file FILE'],
    ['nothing', 'it', 'api API'],
    ['it', 'it', 'override API'],
  ])('when the file has %s and the API %s', async (inFile, inApi, expected) => {
    const { ask, reload } = await startManaged(inFile === 'it' ? `webhooks:\n${WEBHOOK}` : '')
    if (inApi === 'it') await ask('PUT', '/v1/webhooks/crm', API)
    const look = async (): Promise<string | undefined> => {
      const { status, json } = await ask('GET', '/v1/webhooks/crm')
      return status === 404 ? undefined : `${json.origin} ${json.config.name}`
    }
    expect(await look()).toBe(expected)
    // The file comes and goes; the API's stays.
    await reload(inFile === 'it' ? 'workers: 0' : `workers: 0\nwebhooks:\n${WEBHOOK}`)
    const other =
      inApi === 'it' ? (inFile === 'it' ? 'api API' : 'override API') : inFile === 'it' ? undefined : 'file FILE'
    expect(await look()).toBe(other)
  })
})

describe('a restart', () => {
  test('finds all that the API has set, etags and origins too', async () => {
    const folder = makeFolder()
    const yaml = `${storeIn(folder)}webhooks:\n${WEBHOOK}`
    const first = await startManaged(yaml)
    await first.ask('PUT', '/v1/templates/lead', { type: 'json', format: '{"a": "%ani%"}' })
    await first.ask('PUT', '/v1/webhooks/crm', API)
    await first.ask('PUT', '/v1/webhooks/own', { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'lead' })
    await first.ask('PUT', '/v1/webhooks/gone', API)
    await first.ask('PUT', '/v1/bindings/any text: /%2F?', { campaign: 'Sales', begin: ['own'] })
    await first.ask('PUT', `/v1/bindings/${encodeURIComponent('any text: /?')}`, { campaign: 'Sales', begin: ['own'] })
    await first.ask('DELETE', '/v1/webhooks/gone')
    const paths = ['/v1/templates', '/v1/webhooks', '/v1/bindings']
    const before = await Promise.all(paths.map((path) => first.ask('GET', path)))
    await first.service.close(0)
    const second = await startManaged(yaml)
    const after = await Promise.all(paths.map((path) => second.ask('GET', path)))
    expect(after.map(({ json }) => json)).toEqual(before.map(({ json }) => json))
    expect(after[1]?.json.webhooks).toMatchObject([
      { id: 'crm', origin: 'override' },
      { id: 'own', origin: 'api', revision: 3 },
    ])
    const { json } = await second.ask('PUT', '/v1/webhooks/late', API)
    expect(json.revision).toBeGreaterThan(6)
  })

  test('with a store in memory forgets it, which the log says', async () => {
    const { logged } = await startManaged('')
    expect(logged).toContainEqual({ level: 'warn', fields: {}, message: expect.stringMatching(/set over the API/) })
  })

  test('on a file that no longer fits leaves out what does not, holds its deliveries, and tells', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const folder = makeFolder()
    const template = `templates: [{ id: lead, type: json, format: '{}' }]\n`
    const first = await startManaged(storeIn(folder) + template)
    const config = feed(receiver.origin, {
      method: 'POST',
      body: undefined,
      template: 'lead',
      retry: { schedule: ['0s', '1s', '1h'] },
    })
    expect((await first.ask('PUT', '/v1/webhooks/own', config)).status).toBe(201)
    await first.post('/v1/events', endOf('c1'))
    await expect.poll(() => first.service.engine.stats()).toMatchObject({ inFlight: 0, outbox: { pending: 1 } })
    await first.service.close(0)

    const second = await startManaged(storeIn(folder))
    expect((await second.ask('GET', '/v1/webhooks/own')).json).toMatchObject({
      origin: 'api',
      active: false,
      mistakes: [{ path: 'template', detail: expect.stringContaining('there is no template lead') }],
    })
    const leftOut = [{ kind: 'webhook', id: 'own', account: 'default', issues: [expect.stringContaining('lead')] }]
    expect((await second.get('/v1/stats')).json).toMatchObject({
      config: { leftOut },
      outbox: { pending: 1, dead: 0 },
      held: { deliveries: { inactive: 1 } },
    })
    expect(second.logged).toContainEqual(expect.objectContaining({ level: 'error', fields: leftOut[0] }))
    expect((await second.post('/v1/webhooks/own/invoke', {})).status).toBe(404)
    expect((await second.post('/v1/events', endOf('c2'))).json).toMatchObject({ accepted: [{ deliveries: 0 }] })

    // What is put right goes on.
    receiver.answer = (_, response) => response.end()
    expect((await second.ask('PUT', '/v1/templates/lead', { type: 'json', format: '{}' })).status).toBe(201)
    expect((await second.ask('GET', '/v1/webhooks/own')).json).toMatchObject({ active: true })
    expect((await second.get('/v1/stats')).json.config.leftOut).toEqual([])
    await second.reload(`workers: 0\n${storeIn(folder)}`)
    await expect.poll(() => second.service.engine.stats()).toMatchObject({ outbox: { pending: 0, delivered: 1 } })
  }, 20_000)

  test.each([
    ['a template that a webhook of the file can not be sent by', 'template', 'lead'],
    ['a webhook that a binding of the file can not name', 'webhook', 'own'],
  ])('leaves out %s, and not what the file says', async (_, kind, id) => {
    const folder = makeFolder()
    const file = `${storeIn(folder)}dataPoints: [{ name: depth }]\n`
    const first = await startManaged(file)
    await first.ask('PUT', '/v1/templates/lead', { type: 'json', format: `{"a": "%nope% $\{x}"}` })
    await first.ask('PUT', '/v1/webhooks/own', feed('http://127.0.0.1:9'))
    await first.service.close(0)
    const second = await startManaged(`${file}
templates: [{ id: lead, type: json, format: '{"b": "%depth%"}' }]
webhooks:
  - { id: own, profile: autoid, url: 'http://127.0.0.1:9', template: lead }
  - { id: crm, profile: autoid, url: 'http://127.0.0.1:9', template: lead }
bindings: [{ campaign: Sales, end: [own, crm] }]
`)
    expect((await second.ask('GET', `/v1/${kind}s/${id}`)).json).toMatchObject({
      origin: 'override',
      mistakes: [{ detail: expect.stringContaining("does not fit the file's") }],
    })
    expect((await second.post('/v1/webhooks/crm/render', { data: { depth: 7 } })).json.body).toBe('{"b": "7"}')
    expect((await second.post('/v1/events', { ...endOf('c1'), data: { campaign_name: 'Sales' } })).json).toMatchObject({
      accepted: [{ deliveries: 1 }],
    })
    expect((await second.ask('DELETE', `/v1/${kind}s/${id}`)).status).toBe(204)
    expect((await second.ask('GET', `/v1/${kind}s/${id}`)).json).toMatchObject({ origin: 'file' })
  })
})

describe('a reload of the file', () => {
  test('that no longer fits what the API has set is refused whole, and names that', async () => {
    const template = `templates: [{ id: lead, type: json, format: '{}' }]\n`
    const { ask, reload } = await startManaged(template)
    await ask('PUT', '/v1/webhooks/own', { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'lead' })
    await expect(reload(`workers: 0\nwebhooks:\n${WEBHOOK}`)).rejects.toMatchObject({
      code: 'config',
      issues: [expect.stringMatching(/^the API's webhook own: template: there is no template lead/)],
    })
    expect((await ask('GET', '/v1/webhooks')).json.webhooks).toMatchObject([{ id: 'own', origin: 'api' }])
    expect((await ask('GET', '/v1/templates/lead')).status).toBe(200)
    await reload(`workers: 0\n${template}webhooks:\n${WEBHOOK}`)
    expect((await ask('GET', '/v1/webhooks')).json.webhooks).toMatchObject([{ id: 'crm' }, { id: 'own' }])
  })

  test('reads what the API has set anew where its meaning depends on the file', async () => {
    const yaml = (shown: string): string =>
      `workers: 0\ndataPoints: [{ name: depth }]\ntemplates: [{ id: lead, type: json, format: '{"a": "${shown}"}' }]\n`
    const { ask, post, reload } = await startManaged(yaml('one').replace('workers: 0\n', ''))
    await ask('PUT', '/v1/webhooks/own', { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'lead' })
    await reload(yaml('%depth%'))
    expect((await post('/v1/webhooks/own/render', { data: { depth: 7 } })).json.body).toBe('{"a": "7"}')
    await reload(yaml('two').replace('name: depth', 'name: other'))
    expect((await post('/v1/webhooks/own/render', { data: { depth: 7 } })).json.body).toBe('{"a": "two"}')
  })
})

test('what was left out because of a binding of the file is in force again when that says something else', async () => {
  const folder = makeFolder()
  const first = await startManaged(storeIn(folder))
  await first.ask('PUT', '/v1/webhooks/own', feed('http://127.0.0.1:9'))
  await first.ask('PUT', '/v1/bindings/late', { campaign: 'Late', begin: [] })
  await first.service.close(0)
  const second = await startManaged(`${storeIn(folder)}
templates: [{ id: lead, type: json, format: '{}' }]
webhooks: [{ id: own, profile: autoid, url: 'http://127.0.0.1:9', template: lead }]
bindings: [{ id: sales, campaign: Sales, end: [own] }]
`)
  const stateOf = async (): Promise<boolean> => {
    const { json } = await second.ask('GET', '/v1/webhooks/own')
    return json.mistakes === undefined
  }
  expect(await stateOf()).toBe(false)
  // What has nothing to do with it goes on, and leaves it as it is.
  expect((await second.ask('PUT', '/v1/webhooks/other', feed('http://127.0.0.1:9'))).status).toBe(201)
  expect(await stateOf()).toBe(false)
  expect((await second.ask('PUT', '/v1/bindings/sales', { campaign: 'Sales', end: [] })).status).toBe(200)
  expect(await stateOf()).toBe(true)
  expect((await second.ask('DELETE', '/v1/bindings/sales')).status).toBe(409)
})
