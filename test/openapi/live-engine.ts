/**
 * An engine with something of everything to show: webhooks of every answer, deliveries in every state, a call with a story.
 */
import { Agent, request } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import type { ApiAnswer } from './api-document.ts'

/** Tokens by name; `all` may do everything, `acme` for two accounts, `reader` reads for one. */
export const TOKENS = { all: 'all-secret', acme: 'acme-secret', reader: 'reader-secret' } as const

const ANSWERS: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/action': [
    'text/xml',
    '<action><app>findme</app><parameters><phone_list>2223334444</phone_list></parameters></action>',
  ],
  '/message': ['text/html', '<p>Your balance is 5 dollars</p>'],
  '/variables': ['application/json', '{"a":{"b":1},"c":"x","d":true}'],
  '/guid': ['text/plain', '0b9c1a34-5b0e-4f0d-8c69-1a2b3c4d5e6f'],
  '/empty': ['text/plain', ''],
}

const configuration = (origin: string): string => `
workers: 0
auth:
  tokens:
    - { name: all, secret: { env: all }, may: [send, invoke, read, manage] }
    - { name: acme, secret: { env: acme }, may: [send, read, manage], accounts: [acme, beta] }
    - { name: reader, secret: { env: reader }, may: [read], accounts: [acme] }
accounts: [ { id: acme, groups: [dealers] } ]
dataPoints: [ { name: queue_depth, description: Callers waiting, example: 7 } ]
templates:
  - { id: lead, type: json, format: '{"first": "", "phone": "%ani%"}', fields: { first: ani_first_name } }
webhooks:
  - { id: crm, profile: custom, on: [call.end], url: '${origin}/empty', body: '{"a": "%ani%"}', headers: { authorization: { env: all } } }
  - { id: down, profile: custom, on: [call.end], url: '${origin}/down', body: 'a', retry: { schedule: [0s] }, circuit: off, backup: { route: [1, { to: desk }] } }
  - { id: held, profile: custom, on: [call.end], url: '${origin}/empty', body: 'a', rate: 1/h }
  - { id: action, profile: dialogtech-ivr, answer: next-action, url: '${origin}/action', params: { a: ani } }
  - { id: message, profile: dialogtech-ivr, url: '${origin}/message' }
  - { id: variables, profile: vcc-live-ivr, url: '${origin}/variables', method: POST, body: '{"a": "\${a}"}', contentType: json }
  - { id: redirect, profile: wix-answers-ivr, url: '${origin}/guid' }
  - { id: disconnect, profile: wix-answers-ivr, url: '${origin}/empty' }
  - { id: acme-crm, account: acme, profile: autoid, template: lead, url: '${origin}/empty', fallback: { url: '${origin}/down' } }
bindings:
  - { account: acme, campaign: Sales, begin: [acme-crm] }
`

/** A request to it. */
export interface ApiRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A running engine and what is known of it. */
export interface LiveEngine {
  readonly world: World
  readonly origin: string
  /** Ids of deliveries, a dead one first. */
  readonly deliveries: readonly string[]
  /** Sends a request over a kept connection; of a stream the first part alone is read. */
  readonly ask: (request: ApiRequest) => Promise<ApiAnswer>
}

/** How long an answer may take until it counts as none. */
const PATIENCE_MS = 60_000

/** Starts it; it ends with the test. */
export async function startLiveEngine(lanes: number): Promise<LiveEngine> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = ({ url }, response) => {
    receiver.received.length = 0
    const [type, body] = ANSWERS[url.split('?')[0] ?? ''] ?? []
    if (type === undefined) response.writeHead(500).end('out of order')
    else response.writeHead(200, { 'content-type': type }).end(body)
  }
  const world = await startWorld(configuration(receiver.origin), TOKENS)
  const agent = new Agent({ keepAlive: true, maxSockets: lanes })
  onTestFinished(() => agent.destroy())
  const { port } = new URL(world.url)
  const ask = (asked: ApiRequest): Promise<ApiAnswer> => exchange(asked, Number(port), agent)
  return { world, origin: receiver.origin, deliveries: await makeHistory(world), ask }
}

/** Events, decisions and deliveries of the call `call-1`. */
async function makeHistory(world: World): Promise<readonly string[]> {
  const headers = { authorization: `Bearer ${TOKENS.all}` }
  const event = { type: 'call.end', subject: 'call-1', data: { ani: '5551234567' } }
  await world.post('/v1/events', [event, event], headers)
  await world.post('/v1/webhooks/variables/invoke', { subject: 'call-1' }, headers)
  await world.post('/v1/webhooks/down/invoke', { subject: 'call-1' }, headers)
  await expect
    .poll(async () => (await world.service.engine.stats())['outbox'])
    .toMatchObject({ dead: 2, delivered: 3, pending: 1 })
  const listed = await fetch(`${world.url}/v1/deliveries`, { headers })
  const { deliveries }: { deliveries: { id: string; state: string }[] } = JSON.parse(await listed.text())
  return deliveries.sort((one) => (one.state === 'dead' ? -1 : 1)).map(({ id }) => id)
}

function exchange(asked: ApiRequest, port: number, agent: Agent): Promise<ApiAnswer> {
  const { method, target, body } = asked
  const headers = { ...asked.headers, ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }) }
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, method, path: target, headers, timeout: PATIENCE_MS })
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${target}`)))
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      const finish = (): void => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      }
      if (response.headers['content-type'] !== 'text/event-stream') response.on('end', finish)
      else response.once('data', finish).once('data', () => response.destroy())
    })
    sent.end(body)
  })
}
