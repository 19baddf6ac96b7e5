/** Replay, purge, activation and what accounts see of each other, through a whole service. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { startWorld, type World } from './world.ts'

const ONCE = 'retry: { schedule: [0s] }, circuit: off'

async function openReceiver(): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  return receiver
}

function webhook(id: string, origin: string, more = ''): string {
  return `  - { id: ${id}, profile: custom, on: [call.end], method: POST, url: '${origin}/${id}', body: '%callid%'${more} }\n`
}

async function send(world: World, count: number, account = 'default'): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => ({
    ...{ id: `${account}-${index}`, source: '/switch', type: 'call.end', subject: `call-${index}`, account },
    data: { callid: String(index) },
  }))
  const body = events.map((event) => JSON.stringify(event)).join('\n')
  const { status } = await world.post('/v1/events', body, { 'content-type': 'application/x-ndjson' })
  expect(status).toBe(202)
}

async function counts(world: World) {
  return (await world.service.engine.stats())['outbox']
}

describe('a replay', () => {
  test('sends all dead letters again, in the order accepted and under the same ids', async () => {
    const receiver = await openReceiver()
    receiver.answer = (_, response) => response.writeHead(400).end()
    const world = await startWorld(
      `workers: 0\nwebhooks:\n${webhook('crm', receiver.origin, `, concurrency: 1, ${ONCE}`)}`,
    )
    await send(world, 1200)
    await expect.poll(() => counts(world)).toMatchObject({ pending: 0, dead: 1200 })
    const first = receiver.received.splice(0).map(({ id, body }) => `${id} ${body}`)

    receiver.answer = (_, response) => response.end()
    expect(await world.post('/v1/webhooks/crm/replay', {})).toEqual({ status: 202, json: { replayed: 1200 } })
    await expect.poll(() => counts(world)).toMatchObject({ pending: 0, delivered: 1200, dead: 0 })
    expect(receiver.received.map(({ id, body }) => `${id} ${body}`)).toEqual(first)
  })

  test('is narrowed by time, webhook and state', async () => {
    const receiver = await openReceiver()
    const world = await startWorld(
      `workers: 0\nwebhooks:\n${webhook('crm', receiver.origin)}${webhook('log', receiver.origin)}`,
    )
    await send(world, 3)
    await expect.poll(() => counts(world)).toMatchObject({ delivered: 6 })
    const replay = (body: object) => world.post('/v1/webhooks/crm/replay', body)
    expect(await replay({})).toMatchObject({ json: { replayed: 0 } })
    expect(await replay({ state: 'delivered', since: '2h', until: '1h' })).toMatchObject({ json: { replayed: 0 } })
    expect(await replay({ state: 'delivered', since: '1h' })).toMatchObject({ json: { replayed: 3 } })
    await receiver.until(() => receiver.received.length === 9)
    expect(receiver.received.slice(6).map(({ url }) => url)).toEqual(['/crm', '/crm', '/crm'])
  })

  test('of a deactivated webhook waits until it is active again', async () => {
    const receiver = await openReceiver()
    receiver.answer = (_, response) => response.writeHead(400).end()
    const world = await startWorld(`workers: 0\nwebhooks:\n${webhook('crm', receiver.origin, `, ${ONCE}`)}`)
    await send(world, 2)
    await expect.poll(() => counts(world)).toMatchObject({ dead: 2 })
    receiver.answer = (_, response) => response.end()
    expect(await world.post('/v1/webhooks/crm/deactivate', {})).toEqual({
      status: 200,
      json: { id: 'crm', active: false },
    })
    expect((await world.post('/v1/webhooks/crm/replay', {})).json).toEqual({ replayed: 2 })
    await send(world, 1, 'default')
    expect(await counts(world)).toMatchObject({ pending: 2 })
    expect(await world.get('/v1/stats')).toMatchObject({
      json: { deactivated: [{ webhook: 'crm', reason: 'command', since: expect.stringMatching(/^20.*Z$/) }] },
    })
    expect(receiver.received).toHaveLength(2)
    await world.post('/v1/webhooks/crm/activate', {})
    await expect.poll(() => counts(world)).toMatchObject({ pending: 0, delivered: 2 })
    expect((await world.get('/v1/stats')).json.deactivated).toEqual([])
  })

  test('that is under way refuses another of the same webhook', async () => {
    const receiver = await openReceiver()
    const world = await startWorld(`workers: 0\nwebhooks:\n${webhook('crm', receiver.origin)}`)
    const { engine } = world.service
    const all = { webhook: 'crm', state: 'dead', sinceMs: 0, untilMs: Date.now() } as const
    const [first, second, other] = await Promise.all([
      engine.replay(all),
      engine.replay(all),
      engine.replay({ ...all, webhook: 'log' }),
    ])
    expect([first, second, other]).toEqual([
      { kind: 'replayed', count: 0 },
      { kind: 'refused', detail: 'crm is being replayed already' },
      { kind: 'replayed', count: 0 },
    ])
    expect(await engine.replay(all)).toEqual({ kind: 'replayed', count: 0 })
  })

  test('ends with the service, and says how far it came', async () => {
    const receiver = await openReceiver()
    const world = await startWorld(`workers: 0\nwebhooks:\n${webhook('crm', receiver.origin)}`)
    const { engine } = world.service
    await engine.stopCommands()
    await expect(engine.replay({ webhook: 'crm', state: 'dead', sinceMs: 0, untilMs: 1 })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the service is stopping: 0 deliveries are done, ask again',
    })
  })
})

test('a purge removes what ended, and nothing else', async () => {
  const receiver = await openReceiver()
  receiver.answer = (request, response) => response.writeHead(request.url === '/crm' ? 400 : 200).end()
  const world = await startWorld(
    `workers: 0\nwebhooks:\n${webhook('crm', receiver.origin, `, ${ONCE}`)}${webhook('log', receiver.origin)}`,
  )
  await send(world, 700)
  await expect.poll(() => counts(world)).toMatchObject({ pending: 0, dead: 700, delivered: 700 })
  const purge = async (body: object) => (await world.post('/v1/deliveries/purge', body)).json
  expect(await purge({ state: 'dead', before: '1h' })).toEqual({ purged: 0 })
  expect(await purge({ state: 'dead', before: '0s', webhook: 'log' })).toEqual({ purged: 0 })
  expect(await purge({ state: 'dead', before: '0s', webhook: 'crm' })).toEqual({ purged: 700 })
  expect(await counts(world)).toMatchObject({ dead: 0, delivered: 700 })
  expect(await purge({ state: 'delivered', before: '0s' })).toEqual({ purged: 700 })
  expect((await world.get('/v1/deliveries')).json.deliveries).toEqual([])
})

describe('a token for one account', () => {
  const TOKENS = `auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [manage, send], accounts: [acme] }
    - { name: all, secret: { env: ALL }, may: [manage, send] }
`
  const as = (name: string) => ({ authorization: `Bearer ${name}-secret` })

  async function startTwo(receiver: Receiver, status: number): Promise<World> {
    receiver.answer = (_, response) => response.writeHead(status).end()
    const more = ', retry: { schedule: [0s] }, circuit: { failures: 1, within: 60s, probe: 1h }'
    const webhooks = ['acme', 'beta'].map((account) =>
      webhook(`${account}-crm`, receiver.origin, `${more}, account: ${account}`),
    )
    const secrets = { ACME: 'acme-secret', ALL: 'all-secret' }
    return await startWorld(`workers: 0\n${TOKENS}webhooks:\n${webhooks.join('')}`, secrets)
  }

  async function sendBoth(world: World): Promise<void> {
    for (const account of ['acme', 'beta']) {
      const event = { type: 'call.end', subject: 'c1', account, data: { callid: '1' } }
      expect((await world.post('/v1/events', event, as('all'))).status).toBe(202)
    }
  }

  test('sees its own figures and nothing that names another account', async () => {
    const receiver = await openReceiver()
    const world = await startTwo(receiver, 500)
    await sendBoth(world)
    await expect.poll(() => counts(world)).toMatchObject({ dead: 2 })
    await sendBoth(world)
    for (const id of ['acme-crm', 'beta-crm']) await world.post(`/v1/webhooks/${id}/deactivate`, {}, as('all'))
    const stats = await (await fetch(`${world.url}/v1/stats`, { headers: as('acme') })).json()
    expect(stats).toEqual({
      atMs: expect.any(Number),
      accounts: ['acme'],
      config: { leftOut: [] },
      outbox: { pending: 1 },
      webhooks: 1,
      deactivated: [{ webhook: 'acme-crm', reason: 'command', since: expect.any(String) }],
      circuits: [expect.objectContaining({ account: 'acme', endpoint: receiver.origin })],
      held: {
        deliveries: { inactive: 1 },
        webhooks: [{ webhook: 'acme-crm', account: 'acme', reason: 'inactive', deliveries: 1 }],
      },
    })
    expect(JSON.stringify(stats)).not.toContain('beta')
    const whole = await (await fetch(`${world.url}/v1/stats`, { headers: as('all') })).json()
    expect(whole).toMatchObject({ outbox: { pending: 2 }, webhooks: 2, deactivated: [{}, {}], circuits: [{}, {}] })
  })

  test('changes nothing of another account', async () => {
    const receiver = await openReceiver()
    const world = await startTwo(receiver, 400)
    await sendBoth(world)
    await expect.poll(() => counts(world)).toMatchObject({ dead: 2 })
    for (const command of ['replay', 'activate', 'deactivate']) {
      expect((await world.post(`/v1/webhooks/beta-crm/${command}`, {}, as('acme'))).status).toBe(404)
    }
    const purge = async (token: string) => {
      return (await world.post('/v1/deliveries/purge', { state: 'dead', before: '0s' }, as(token))).json
    }
    expect(await purge('acme')).toEqual({ purged: 1 })
    expect(await purge('acme')).toEqual({ purged: 0 })
    expect(await world.service.engine.stats()).toMatchObject({ deactivated: [], outbox: { dead: 1 } })
    expect(await purge('all')).toEqual({ purged: 1 })
  })
})
