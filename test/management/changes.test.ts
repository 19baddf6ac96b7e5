/** Each status that a change can be answered with, and what it leaves behind. */
import { describe, expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { endOf, feed, startManaged } from './management-world.ts'

const FILE = `
templates:
  - { id: lead, type: json, format: '{"phone": "%ani%"}' }
webhooks:
  - { id: crm, profile: autoid, url: 'http://127.0.0.1:9/a', template: lead, successCodes: [200] }
bindings:
  - { campaign: Sales, begin: [crm] }
`

describe('a PUT', () => {
  test('makes what is new, replaces what is there, and changes nothing by the very same', async () => {
    const { ask } = await startManaged(FILE)
    const config = feed('http://127.0.0.1:9/b')
    const created = await ask('PUT', '/v1/webhooks/new', config)
    expect(created).toMatchObject({
      status: 201,
      json: { id: 'new', account: 'default', origin: 'api', active: true, config: { id: 'new', ...config } },
    })
    expect(created.headers.get('location')).toBe('/v1/webhooks/new')
    expect(created.headers.get('etag')).toBe(created.json.etag)
    expect(created.json.etag).toMatch(/^"[\w-]{24}"$/)
    const same = await ask('PUT', '/v1/webhooks/new', { id: 'new', account: 'default', ...config })
    expect(same).toMatchObject({ status: 200, json: created.json })
    const replaced = await ask('PUT', '/v1/webhooks/new', { ...config, name: 'New' })
    expect(replaced).toMatchObject({ status: 200, json: { config: { name: 'New' } } })
    expect(replaced.json.etag).not.toBe(created.json.etag)
    expect((await ask('GET', '/v1/webhooks/new')).json).toEqual(replaced.json)
  })

  test('is in force when it is answered', async () => {
    await using receiver = await Receiver.start()
    const { ask, post, service } = await startManaged('')
    await ask('PUT', '/v1/webhooks/crm', feed(`${receiver.origin}/one`))
    expect((await post('/v1/events', endOf('c1'))).json).toMatchObject({ accepted: [{ deliveries: 1 }] })
    await receiver.until(() => receiver.received.length === 1)
    await ask('PUT', '/v1/webhooks/crm', feed(`${receiver.origin}/two`))
    await post('/v1/events', endOf('c2'))
    await receiver.until(() => receiver.received.length === 2)
    expect(receiver.received.map(({ url, body }) => [url, body])).toEqual([
      ['/one', 'c1'],
      ['/two', 'c2'],
    ])
    await ask('DELETE', '/v1/webhooks/crm')
    expect((await post('/v1/events', endOf('c3'))).json).toMatchObject({ accepted: [{ deliveries: 0 }] })
    await expect.poll(() => service.engine.stats()).toMatchObject({ outbox: { delivered: 2, pending: 0 } })
  })

  test.each([
    ['webhooks/new', { profile: 'custom' }, ['url']],
    [
      'webhooks/new',
      { ...feed('http://127.0.0.1:9'), colour: 'red', timeouts: { connect: '6s' } },
      ['timeouts.connect', 'colour'],
    ],
    ['webhooks/new', { id: 'other', ...feed('http://127.0.0.1:9') }, ['id']],
    ['webhooks/New', feed('http://127.0.0.1:9'), ['id']],
    ['webhooks/new', feed('http://127.0.0.1:9', { signing: { secret: { env: 'TOKEN' } } }), ['signing.secret']],
    [
      'webhooks/new',
      feed('http://127.0.0.1:9', { headers: { authorization: { file: '/etc/passwd' } } }),
      ['headers.authorization'],
    ],
    ['webhooks/new', feed('http://127.0.0.1:9', { signing: { secret: { hidden: true } } }), ['signing.secret']],
    ['webhooks/new', feed('http://[secret]@127.0.0.1:9'), ['url']],
    ['webhooks/new', feed('http://127.0.0.1:9', { account: 7 }), ['account']],
    ['webhooks/new', { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'nope' }, ['template']],
    ['templates/new', { type: 'json', format: '{"a": %nope%}' }, ['format']],
    ['templates/new', { type: 'yaml' }, ['type', 'format']],
    ['bindings/new', { number: '800', postCall: ['crm'] }, ['postCall.0']],
    ['bindings/new', { campaign: 'Sales', begin: ['crm', 'nope'] }, ['begin.1']],
    ['bindings/new', {}, ['']],
  ])('of %s with mistakes is refused with all of them, and changes nothing: %j', async (path, config, paths) => {
    const { ask, service } = await startManaged(FILE)
    const before = (await ask('GET', `/v1/${path.split('/')[0]}`)).json
    const { status, json } = await ask('PUT', `/v1/${path}`, config)
    expect(status).toBe(422)
    expect(json.errors.map(({ path: each }: { path: string }) => each)).toEqual(paths)
    for (const { detail } of json.errors) expect(detail).not.toBe('')
    expect((await ask('GET', `/v1/${path.split('/')[0]}`)).json).toEqual(before)
    expect(await service.engine.stats()).toMatchObject({ webhooks: 1 })
  })

  test.each([
    [400, 'nonsense', 'application/json'],
    [400, '[1]', 'application/json'],
    [400, '{"id": "a", "id": "b"}', 'application/json'],
    [415, 'profile: custom', 'application/yaml'],
    [413, `{"name": "${'x'.repeat(1_048_576)}"}`, 'application/json'],
  ])('is answered %i where its body can not be read', async (status, body, type) => {
    const { ask } = await startManaged('')
    const answer = await ask('PUT', '/v1/webhooks/new', body, { headers: { 'content-type': type } })
    expect(answer.status).toBe(status)
    expect((await ask('GET', '/v1/webhooks/new')).status).toBe(404)
  })

  test.each([
    ['webhooks', 64, feed('http://127.0.0.1:9')],
    ['templates', 64, { type: 'json', format: '{}' }],
    ['bindings', 200, { number: '8005550001', postCall: 'none' }],
  ])('of %s takes an id of up to %i characters', async (kind, length, config) => {
    const { ask } = await startManaged('')
    expect((await ask('PUT', `/v1/${kind}/${'x'.repeat(length)}`, config)).status).toBe(201)
    expect((await ask('PUT', `/v1/${kind}/${'x'.repeat(length + 1)}`, config)).json).toMatchObject({
      status: 422,
      errors: [{ path: 'id' }],
    })
  })

  test('takes a body of up to 1 MiB', async () => {
    const { ask } = await startManaged('')
    const bodyOf = (bytes: number): string => {
      const body = (padding: string): string => `{"type": "json", "format": "{}"${padding}}`
      return body(' '.repeat(bytes - body('').length))
    }
    expect((await ask('PUT', '/v1/templates/t', bodyOf(1_048_576))).status).toBe(201)
    expect((await ask('PUT', '/v1/templates/t', bodyOf(1_048_577))).status).toBe(413)
  })

  test('keeps parameters in the order in which they were written, names of digits too', async () => {
    const { ask, post } = await startManaged('')
    const body = `{"profile": "custom", "method": "GET", "url": "http://127.0.0.1:9/", "params": {"b": "ani", "10": {"value": "x"}, "2": "callid"}}`
    expect((await ask('PUT', '/v1/webhooks/order', body)).status).toBe(201)
    const rendered = await post('/v1/webhooks/order/render', { data: { ani: 'A', callid: 'C' } })
    expect(rendered.json.url).toBe('http://127.0.0.1:9/?b=A&10=x&2=C')
  })

  test('of a template that a webhook could not be sent by any more is refused, and names that webhook', async () => {
    const { ask } = await startManaged(`${FILE}accounts: [{ id: acme, groups: [dealers] }]`)
    await ask('PUT', '/v1/webhooks/own', {
      profile: 'custom',
      method: 'POST',
      url: 'http://127.0.0.1:9',
      template: 'lead',
    })
    // The first can be filled by tokens in dollars alone.
    for (const change of [{ format: `{"a": "%nope% $\{x}"}` }, { format: '{}', group: 'dealers' }]) {
      const { status, json } = await ask('PUT', '/v1/templates/lead', { type: 'json', ...change })
      expect(status).toBe(409)
      expect(json.usedBy.map(({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`).sort()).toEqual([
        'webhook crm',
        'webhook own',
      ])
    }
    expect((await ask('GET', '/v1/templates/lead')).json).toMatchObject({ origin: 'file' })
  })

  test('of a template changes what its webhooks send, those of the file too', async () => {
    const { ask, post } = await startManaged(FILE)
    await ask('PUT', '/v1/templates/lead', { type: 'json', format: '{"number": "%ani%"}' })
    const rendered = await post('/v1/webhooks/crm/render', { data: { ani: '555' } })
    expect(rendered.json.body).toBe('{"number": "555"}')
    expect((await ask('DELETE', '/v1/templates/lead')).status).toBe(204)
    const back = await post('/v1/webhooks/crm/render', { data: { ani: '555' } })
    expect(back.json.body).toBe('{"phone": "555"}')
  })

  test('of a webhook that a binding could not name any more is refused, and names that binding', async () => {
    const { ask } = await startManaged(FILE)
    const { status, json } = await ask('PUT', '/v1/webhooks/crm', feed('http://127.0.0.1:9'))
    expect(status).toBe(409)
    expect(json.usedBy).toMatchObject([{ kind: 'binding', id: 'default:campaign:Sales' }])
    expect((await ask('GET', '/v1/webhooks/crm')).json).toMatchObject({ origin: 'file' })
  })
})

describe('a DELETE', () => {
  test('takes away what the API has set, and brings back what the file has', async () => {
    const { ask } = await startManaged(FILE)
    const { json: ofFile } = await ask('GET', '/v1/webhooks/crm')
    await ask('PUT', '/v1/webhooks/crm', { profile: 'autoid', url: 'http://127.0.0.1:9/b', template: 'lead' })
    expect((await ask('GET', '/v1/webhooks/crm')).json).toMatchObject({ origin: 'override' })
    expect((await ask('DELETE', '/v1/webhooks/crm')).status).toBe(204)
    expect((await ask('GET', '/v1/webhooks/crm')).json).toEqual(ofFile)
    await ask('PUT', '/v1/webhooks/own', feed('http://127.0.0.1:9'))
    expect((await ask('DELETE', '/v1/webhooks/own')).status).toBe(204)
    expect((await ask('GET', '/v1/webhooks/own')).status).toBe(404)
    expect((await ask('DELETE', '/v1/webhooks/own')).status).toBe(404)
  })

  test.each(['webhooks/crm', 'templates/lead', 'bindings/default:campaign:Sales'])(
    'of %s, which only the file has, is refused',
    async (path) => {
      const { ask } = await startManaged(FILE)
      expect(await ask('DELETE', `/v1/${path}`)).toMatchObject({
        status: 409,
        json: { detail: expect.stringContaining('configuration file') },
      })
      expect((await ask('GET', `/v1/${path}`)).status).toBe(200)
    },
  )

  test('of what is used is refused, with the users named', async () => {
    const { ask } = await startManaged('')
    await ask('PUT', '/v1/templates/lead', { type: 'json', format: '{}' })
    await ask('PUT', '/v1/webhooks/crm', { profile: 'autoid', url: 'http://127.0.0.1:9', template: 'lead' })
    await ask('PUT', '/v1/bindings/b1', { treatment: 'Main/Sales', end: ['crm'] })
    expect(await ask('DELETE', '/v1/templates/lead')).toMatchObject({
      status: 409,
      json: { usedBy: [{ kind: 'webhook', id: 'crm' }], usedByCount: 1 },
    })
    expect(await ask('DELETE', '/v1/webhooks/crm')).toMatchObject({
      status: 409,
      json: { usedBy: [{ kind: 'binding', id: 'b1' }] },
    })
    for (const path of ['bindings/b1', 'webhooks/crm', 'templates/lead']) {
      expect((await ask('DELETE', `/v1/${path}`)).status).toBe(204)
    }
  })

  test('leaves the deliveries dead as a reload does, and no flag for one that comes after it', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const { ask, post, get, service } = await startManaged('')
    const config = feed(receiver.origin, { retry: { schedule: ['0s', '1h'] } })
    await ask('PUT', '/v1/webhooks/crm', config)
    await post('/v1/events', endOf('c1'))
    await expect.poll(() => service.engine.stats()).toMatchObject({ inFlight: 0, outbox: { pending: 1 } })
    await post('/v1/webhooks/crm/deactivate', {})
    await ask('DELETE', '/v1/webhooks/crm')
    await expect.poll(() => service.engine.stats()).toMatchObject({ outbox: { pending: 0, dead: 1 } })
    expect((await get('/v1/deliveries')).json.deliveries).toMatchObject([{ reason: 'webhook-removed' }])
    expect((await ask('PUT', '/v1/webhooks/crm', config)).json).toMatchObject({ active: true })
  })
})

describe('conditions', () => {
  const own = { type: 'json', format: '{}' }

  test.each([
    ['PUT', 'if-match', 'its etag', 200],
    ['PUT', 'if-match', '*', 200],
    ['PUT', 'if-match', '"other"', 412],
    ['PUT', 'if-match', '"other", its etag', 200],
    ['PUT', 'if-match', 'W/its etag', 412],
    ['PUT', 'if-none-match', '*', 412],
    ['PUT', 'if-none-match', 'its etag', 412],
    ['PUT', 'if-none-match', 'W/its etag', 412],
    ['PUT', 'if-none-match', '"other"', 200],
    ['DELETE', 'if-match', 'its etag', 204],
    ['DELETE', 'if-match', '"other"', 412],
  ])('%s of what is there with %s: %s is answered %i', async (method, field, value, status) => {
    const { ask } = await startManaged('')
    const { json } = await ask('PUT', '/v1/templates/t', own)
    const headers = { [field]: value.replace('its etag', json.etag) }
    const body = method === 'PUT' ? { ...own, name: 'T' } : undefined
    expect((await ask(method, '/v1/templates/t', body, { headers })).status).toBe(status)
  })

  test.each([
    ['if-match', '*', 412],
    ['if-match', '"any"', 412],
    ['if-none-match', '*', 201],
    ['if-none-match', '"any"', 201],
  ])('PUT of what is not there with %s: %s is answered %i', async (field, value, status) => {
    const { ask } = await startManaged('')
    expect((await ask('PUT', '/v1/templates/t', own, { headers: { [field]: value } })).status).toBe(status)
  })

  test('two who change the same do not overwrite each other', async () => {
    const { ask } = await startManaged('')
    const { json } = await ask('PUT', '/v1/templates/t', own)
    const headers = { 'if-match': json.etag }
    const answers = await Promise.all(
      ['A', 'B', 'C'].map((name) => ask('PUT', '/v1/templates/t', { ...own, name }, { headers })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
  })
})
