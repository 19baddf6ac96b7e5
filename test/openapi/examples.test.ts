/**
 * Every example of the document is sent to an engine as it stands there, and answered well and as the document says.
 */
import { describe, expect, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { lookUp, type Schema, schemaIn } from '../schema/schema-values.ts'
import {
  type ApiAnswer,
  complaint,
  DOCUMENT,
  DOCUMENTED,
  type DocumentedOperation,
  faultIn,
  listIn,
} from './api-document.ts'
import { type ApiRequest, type LiveEngine, startLiveEngine, TOKENS } from './live-engine.ts'

/** Fields that make a request depend on what there is, or that say again what stands in the body. */
const LEFT_OUT = /^(if-|ce-)/

/** What has to come first, and what takes away. */
function rankOf({ method, id }: DocumentedOperation): number {
  if (method === 'PUT') return 0
  if (['sendEvents', 'invoke'].includes(id)) return 1
  if (method === 'DELETE') return 4
  return /^(purge|erase)/.test(id) ? 3 : 2
}

const OPERATIONS = DOCUMENTED.toSorted((one, other) => rankOf(one) - rankOf(other))

/** All requests that an operation's examples make. */
function requestsOf(operation: DocumentedOperation, engine: LiveEngine): readonly ApiRequest[] {
  const target = operation.path.replace(/\{(\w+)\}/, (_, name) => {
    const [known = ''] = engine.deliveries
    const example = operation.parameters.find((each) => each['name'] === name)?.['example']
    return encodeURIComponent(operation.path.startsWith('/v1/deliveries') ? known : String(example))
  })
  const examplesIn = (place: string) =>
    operation.parameters.filter((each) => each['in'] === place && each['example'] !== undefined)
  const fields = examplesIn('header')
    .map(({ name, example }): [string, string] => [String(name), String(example)])
    .filter(([name]) => !LEFT_OUT.test(name))
  const headers = { ...Object.fromEntries(fields), authorization: `Bearer ${TOKENS.all}` }
  const query = new URLSearchParams()
  for (const { name, example } of examplesIn('query')) {
    const pairs: readonly [unknown, unknown][] =
      typeof example === 'object' ? Object.entries(schemaIn(example)) : [[name, example]]
    for (const [each, value] of pairs) query.append(String(each), String(value))
  }
  const { method } = operation
  if (operation.bodies.length === 0) return [{ method, target: `${target}?${query}`, headers, body: '' }]
  return operation.bodies.flatMap(([type, media]) =>
    Object.values(schemaIn(media['examples'])).map((each) => {
      const { value, description } = schemaIn(each)
      const [, beside = ''] = /`(\?[^`]+)`/.exec(String(description)) ?? []
      return {
        method,
        target: target + beside,
        headers: { ...headers, 'content-type': type },
        body: textOf(type, value),
      }
    }),
  )
}

function textOf(type: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (type !== 'application/x-www-form-urlencoded') return JSON.stringify(value)
  const form = new URLSearchParams()
  for (const [name, each] of Object.entries(schemaIn(value))) form.append(name, String(each))
  return form.toString()
}

test('every example is answered well, and as the document says', async () => {
  const engine = await startLiveEngine(1)
  const wrong: unknown[] = []
  let sent = 0
  for (const operation of OPERATIONS) {
    for (const request of requestsOf(operation, engine)) {
      const answer = await engine.ask(request)
      const fault = faultIn(operation, answer) ?? (answer.status < 300 ? undefined : 'it is refused')
      if (fault !== undefined) wrong.push({ fault, request, answer })
      sent += 1
    }
  }
  expect(wrong).toEqual([])
  expect(sent).toBeGreaterThan(OPERATIONS.length)
})

describe('beyond its examples', () => {
  const operation = (id: string): DocumentedOperation => {
    const found = DOCUMENTED.find((each) => each.id === id)
    if (found === undefined) throw new Error(`there is no operation ${id}`)
    return found
  }
  const ask = async (engine: LiveEngine, request: Partial<ApiRequest>): Promise<ApiAnswer> =>
    await engine.ask({
      ...{ method: 'GET', target: '/', body: '' },
      ...request,
      headers: { authorization: `Bearer ${TOKENS.all}`, ...request.headers },
    })

  test('an event in binary mode is accepted with the fields of the document', async () => {
    const engine = await startLiveEngine(1)
    const { parameters } = operation('sendEvents')
    const fields = parameters.filter((each) => each['in'] === 'header').map(({ name, example }) => [name, example])
    const headers = { ...Object.fromEntries(fields), 'content-type': 'application/json' }
    const answer = await ask(engine, { method: 'POST', target: '/v1/events', headers, body: '{"ani":"5551234567"}' })
    expect([answer.status, faultIn(operation('sendEvents'), answer)]).toEqual([202, undefined])
  })

  test.each(['action', 'message', 'variables', 'redirect', 'disconnect', 'crm', 'down', 'held'])(
    'a decision of %s is as documented, as JSON and as a form',
    async (webhook) => {
      const engine = await startLiveEngine(1)
      for (const accept of ['application/json', 'application/x-www-form-urlencoded']) {
        const target = `/v1/webhooks/${webhook}/invoke?subject=call-1`
        const answer = await ask(engine, { target, headers: { accept } })
        expect([answer.headers['content-type']?.toString().startsWith(accept), answer.status]).toEqual([true, 200])
        expect(faultIn(operation('invokeByQuery'), answer)).toBeUndefined()
      }
    },
  )

  test.each(['text/plain', 'application/openmetrics-text'])('metrics are documented as %s', async (accept) => {
    const engine = await startLiveEngine(1)
    const answer = await ask(engine, { target: '/metrics', headers: { accept } })
    expect([answer.headers['content-type']?.toString().split(';')[0], answer.status]).toEqual([accept, 200])
    expect(faultIn(operation('getMetrics'), answer)).toBeUndefined()
  })

  test('conditional changes are answered as documented', async () => {
    const engine = await startLiveEngine(1)
    const body = '{"type":"json","format":"{}"}'
    const target = '/v1/templates/conditional'
    const put = async (field: string, value: string): Promise<unknown> => {
      const answer = await ask(engine, { method: 'PUT', target, body, headers: { [field]: value } })
      expect(faultIn(operation('putTemplate'), answer)).toBeUndefined()
      return answer.status
    }
    expect(await put('if-match', '*')).toBe(412)
    expect(await put('if-none-match', '*')).toBe(201)
    expect(await put('if-none-match', '*')).toBe(412)
    expect(await put('if-match', '*')).toBe(200)
  })

  test('what the stream tells is as documented', async () => {
    const engine = await startLiveEngine(1)
    const controller = new AbortController()
    const headers = { authorization: `Bearer ${TOKENS.all}` }
    const stream = await fetch(`${engine.world.url}/v1/stream`, { headers, signal: controller.signal })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    await engine.world.post('/v1/events', { type: 'call.end', subject: 'call-2' }, headers)
    await engine.world.post('/v1/webhooks/action/invoke', { subject: 'call-2' }, headers)
    const told = new Map<string, Schema>()
    let text = ''
    while (told.size < 3) {
      const { value = '', done = true } = (await reader?.read()) ?? {}
      expect(done).toBe(false)
      text += value
      for (const [, name = '', data = ''] of text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm))
        told.set(name, JSON.parse(data))
    }
    controller.abort()
    for (const [name, data] of told) {
      const component = `${name.charAt(0).toUpperCase()}${name.slice(1)}Happened`
      expect(complaint(lookUp(`#/components/schemas/${component}`, DOCUMENT), data), name).toBeUndefined()
    }
    expect([...told.keys()].sort()).toEqual(['decision', 'delivery', 'event'])
  })

  test('what the typed client gives is as documented', async () => {
    const { world, deliveries } = await startLiveEngine(1)
    const client = new SwitchhookClient({ url: world.url, token: TOKENS.all })
    const answers: readonly (readonly [component: string, answer: unknown])[] = [
      ['SendAnswer', await client.send({ type: 'call.end', id: 'e-1', subject: 'call-1' }, { type: 'x' })],
      ['InvokeResult', await client.invoke('action', { subject: 'call-1' })],
      ['RenderedRequest', await client.render('crm', {})],
      ['DeliveryPage', await client.deliveryPage({ webhook: 'down' })],
      ['Delivery', await client.delivery(deliveries[0] ?? '')],
      ['CallPage', await client.call('call-1')],
      ['RecentCalls', { calls: await client.recentCalls() }],
      ['Entry', await client.webhooks.get('crm')],
      ['Entry', await client.templates.put('new-lead', { type: 'json', format: '{}' })],
      ['EngineStats', await client.stats()],
      ['Catalog', { platforms: await client.catalog() }],
      ['TemplateFields', { fields: await client.extract('json', '{"a":""}') }],
    ]
    for (const [component, answer] of answers) {
      const plain: unknown = JSON.parse(JSON.stringify(answer))
      expect(complaint(lookUp(`#/components/schemas/${component}`, DOCUMENT), plain), component).toBeUndefined()
    }
  })
})

test('problems, too, have an example of each kind in the document', () => {
  const responses = Object.values(schemaIn(schemaIn(DOCUMENT['components'])['responses'])).map(schemaIn)
  for (const { content } of responses) {
    const { schema, examples } = schemaIn(schemaIn(content)['application/problem+json'])
    const values = Object.values(schemaIn(examples)).map((each) => schemaIn(each)['value'])
    expect(values.length).toBe(listIn(schemaIn(schemaIn(schemaIn(schema)['properties'])['type'])['enum']).length)
    for (const value of values) expect(complaint(schemaIn(schema), value)).toBeUndefined()
  }
})
