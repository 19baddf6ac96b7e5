/** The client against a running engine over real sockets, call by call; and against servers that are none. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { ProblemError, SwitchhookClient, UnreachableError } from '../../src/client/client.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { type Answerer, Receiver } from '../worker/receiver.ts'

interface Scene {
  readonly world: World
  readonly receiver: Receiver
  readonly client: SwitchhookClient
}

async function startReceiver(answer: Answerer): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = answer
  return receiver
}

async function startScene(): Promise<Scene> {
  const receiver = await startReceiver((_, response) => response.writeHead(400).end())
  const world = await startWorld(
    `workers: 0
auth: { tokens: [{ name: all, secret: { env: TOKEN }, may: [send, invoke, manage] }] }
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%', retry: { schedule: [0s] } }
`,
    { TOKEN: 'the-token' },
  )
  return { world, receiver, client: new SwitchhookClient({ url: world.url, token: 'the-token' }) }
}

function endEvent(callid: string): { type: string; id: string; subject: string; data: { callid: string } } {
  return { type: 'call.end', id: callid, subject: `call-${callid}`, data: { callid } }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

/** What a promise was rejected with. */
async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('the client', () => {
  test('sends events and follows their deliveries to the end', async () => {
    const { world, receiver, client } = await startScene()
    expect(await client.send(endEvent('1'), endEvent('2'), endEvent('1'))).toMatchObject({
      accepted: [
        { index: 0, id: '1', deliveries: 1 },
        { index: 1, id: '2', deliveries: 1 },
      ],
      duplicates: [{ index: 2, id: '1' }],
      rejected: [],
    })
    await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ pending: 0, dead: 2 })
    const dead = await all(client.deliveries({ webhook: 'crm', state: 'dead' }, 1))
    expect(dead.map(({ event }) => event.id)).toEqual(['2', '1'])
    expect(await all(client.deliveries({ subject: 'call-1' }))).toHaveLength(1)
    expect(await client.deliveryPage({}, 1)).toMatchObject({ deliveries: [{}], next: expect.any(String) })
    expect(await client.deliveryPage({}, 2)).toMatchObject({ next: null })

    receiver.answer = (_, response) => response.end()
    const [{ id } = { id: '' }] = dead
    await client.retry(id)
    await expect.poll(async () => (await client.delivery(id)).state).toBe('delivered')
    expect((await client.delivery(id)).attempts.at(-1)).toMatchObject({ attempt: 1, status: 200, result: 'success' })
    expect(await client.replay('crm', { since: '1h' })).toBe(1)
    await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ delivered: 2 })
    expect(await client.purge({ state: 'delivered', before: '0s', webhook: 'crm' })).toBe(2)
    expect(await all(client.deliveries())).toEqual([])
  })

  test('invokes, renders, holds a webhook, erases and asks how the engine stands', async () => {
    const { receiver, client } = await startScene()
    receiver.answer = (_, response) => response.end()
    expect(await client.invoke('crm', endEvent('1'), { waitS: 2 })).toMatchObject({ decision: { kind: 'continue' } })
    expect(await client.render('crm', '{"data":{"callid":12345678901234567890}}')).toMatchObject({
      method: 'POST',
      url: `${receiver.origin}/`,
      body: '12345678901234567890',
    })
    await client.deactivate('crm')
    expect(await client.stats()).toMatchObject({ deactivated: [{ webhook: 'crm', reason: 'command' }] })
    await client.activate('crm')
    expect(await client.stats()).toMatchObject({ deactivated: [] })
    await client.send(endEvent('1'), endEvent('2'))
    expect(await client.erase({ call: 'call-1', dryRun: true })).toMatchObject({ events: 1, deliveries: 1 })
    expect(await client.erase({ call: 'call-1' })).toMatchObject({ events: 1 })
    expect(await client.erase({ number: '+1 555 123 4567' })).toEqual({ events: 0, deliveries: 0, pending: 0 })
    expect(await client.readyz()).toMatchObject({
      isReady: true,
      checks: expect.arrayContaining([{ name: 'store', ready: true }]),
    })
  })

  test('an invoke can be ended by the one who asked', async () => {
    const { receiver, client } = await startScene()
    const asked = Promise.withResolvers<void>()
    receiver.answer = () => asked.resolve()
    const controller = new AbortController()
    const invoking = thrownBy(client.invoke('crm', endEvent('1'), { signal: controller.signal }))
    await asked.promise
    controller.abort(new Error('the caller hung up'))
    expect(await invoking).toEqual(new Error('the caller hung up'))
  })

  test('an id with odd characters is one part of the path', async () => {
    const { client } = await startScene()
    const error = await thrownBy(client.delivery('../stats?x=1#é'))
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ problem: { status: 404, type: 'urn:switchhook:problem:not-found' } })
  })
})

describe('what goes wrong', () => {
  test('is a problem with its parts', async () => {
    const { world, client } = await startScene()
    expect(await thrownBy(client.replay('crm', { since: 'noon', until: 'night' }))).toMatchObject({
      name: 'ProblemError',
      retryAfterMs: undefined,
      problem: {
        status: 422,
        type: 'urn:switchhook:problem:invalid-request',
        title: 'A value is not acceptable',
        detail: expect.any(String),
        errors: [
          { path: 'since', detail: expect.stringContaining('must be a time') },
          { path: 'until', detail: expect.stringContaining('must be a time') },
        ],
      },
    })
    expect(await thrownBy(new SwitchhookClient({ url: world.url }).stats())).toMatchObject({ problem: { status: 401 } })
    expect(await thrownBy(client.send({ type: '' }))).toMatchObject({
      problem: { status: 400, type: 'urn:switchhook:problem:events-rejected' },
      answer: { rejected: [{ index: 0 }] },
    })
  })

  test('an engine that is not ready is an answer', async () => {
    const checks = [{ name: 'store', ready: false }]
    const server = await startReceiver((_, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end(JSON.stringify({ title: 'no', checks }))
    })
    expect(await new SwitchhookClient({ url: server.origin }).readyz()).toEqual({ isReady: false, checks })
  })

  const strangers: readonly [title: string, answer: Answerer, problem: object][] = [
    [
      'a page',
      (_, response) => response.end('<h1>It works!</h1>'),
      { status: 200, type: 'about:blank', title: 'The answer is not one of Switchhook' },
    ],
    ['other JSON', (_, response) => response.end('{"id":7}'), { detail: expect.stringContaining('state, attempts') }],
    [
      'an error page',
      (_, response) => response.writeHead(502).end('<h1>'),
      { status: 502, title: 'Bad Gateway', detail: '' },
    ],
    [
      'errors of another shape',
      (_, response) => response.writeHead(400).end('{"title":7,"errors":["x",{"path":1}]}'),
      {
        title: 'Bad Request',
        errors: [
          { path: '', detail: '' },
          { path: '', detail: '' },
        ],
      },
    ],
    [
      'a way to another server',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1' }).end(),
      { status: 302 },
    ],
  ]
  test.each(strangers)('%s is no answer of an engine', async (_title, answer, problem) => {
    const server = await startReceiver(answer)
    expect(await thrownBy(new SwitchhookClient({ url: server.origin }).delivery('1'))).toMatchObject({ problem })
  })

  test('nobody answers, too late, or not to the end', async () => {
    const port = await freePort()
    const nobody = await thrownBy(new SwitchhookClient({ url: `http://127.0.0.1:${port}/path` }).stats())
    expect(nobody).toBeInstanceOf(UnreachableError)
    expect(nobody).toMatchObject({
      url: `http://127.0.0.1:${port}`,
      message: expect.stringMatching(/^nobody answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/),
    })
    const silent = await startReceiver(() => undefined)
    const impatient = new SwitchhookClient({ url: silent.origin, timeoutMs: 50 })
    expect(await thrownBy(impatient.stats())).toMatchObject({ message: expect.stringContaining('timeout') })
    const cut = await startReceiver((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('{')
      response.destroy()
    })
    expect(await thrownBy(new SwitchhookClient({ url: cut.origin }).stats())).toBeInstanceOf(UnreachableError)
  })

  test('a URL that is none is told at once', () => {
    expect(() => new SwitchhookClient({ url: 'nowhere' })).toThrow(TypeError)
  })

  test('a path of the URL stands before the calls', async () => {
    const server = await startReceiver((_, response) => response.end('{"platforms":[]}'))
    await new SwitchhookClient({ url: `${server.origin}/engine`, token: 't' }).catalog()
    expect(server.received[0]).toMatchObject({ url: '/engine/v1/catalog', headers: { authorization: 'Bearer t' } })
  })
})
