/** Senders: every delivery has exactly one outcome, also when its thread really dies. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'
import { ATTEMPT_RESULTS, ATTEMPTS_AT, cellsOf, createBlock, rowAt } from '../../src/metrics/layout.ts'
import type { Outcome } from '../../src/model/attempt.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { InlineSender } from '../../src/worker/inline-sender.ts'
import type { WorkerSettings, WorkerSetup } from '../../src/worker/protocol.ts'
import type { Outgoing, Sender, SenderListener } from '../../src/worker/sender.ts'
import { WorkerSender } from '../../src/worker/worker-sender.ts'
import { webhook } from '../engine/webhooks.ts'
import { Receiver } from './receiver.ts'

const SETTINGS: WorkerSettings = { pointNames: CATALOG_NAMES, maxConnectionsPerEndpoint: 64, refusedListeners: [] }

const setup = () => ({ version: '1.2.3', metricsBlock: createBlock() }) satisfies WorkerSetup

function startThread(listener: SenderListener): WorkerSender {
  const sender = new WorkerSender('1', setup(), listener)
  sender.configure(SETTINGS)
  return sender
}

/** Collects what a sender reports and lets tests wait for it. */
class Listener implements SenderListener {
  readonly outcomes: { readonly id: string; readonly outcome: Outcome }[] = []
  readonly deaths: string[] = []
  readyCount = 0
  readonly #waiting = new Set<() => void>()

  onOutcomes(deliveries: readonly Outgoing[], outcomes: readonly Outcome[]): void {
    for (const [index, outcome] of outcomes.entries())
      this.outcomes.push({ id: deliveries[index]?.deliveryId ?? '', outcome })
    this.#wake()
  }

  onReady(): void {
    this.readyCount += 1
    this.#wake()
  }

  onWorkerDeath(_name: string, detail: string): void {
    this.deaths.push(detail)
    this.#wake()
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const next = Promise.withResolvers<void>()
      this.#waiting.add(next.resolve)
      await next.promise
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

/** A webhook that posts `{"n": <callid>}` to the receiver. */
function target(receiver: Receiver, changes: Partial<Webhook> = {}): Webhook {
  return webhook('crm', {
    endpoint: { id: receiver.origin, origin: receiver.origin, allow: ['127.0.0.0/8'] },
    request: {
      method: 'POST',
      url: { text: `${receiver.origin}/hook`, syntax: 'none' },
      query: [],
      body: { kind: 'template', type: 'json', format: { text: '{"n": %callid%}', syntax: 'percent' }, fields: {} },
      headers: [{ name: 'content-type', value: { text: 'application/json', syntax: 'none' } }],
    },
    ...changes,
  })
}

function outgoing(crm: Webhook, ids: readonly string[], version = 1): Outgoing[] {
  return ids.map((id, index) => ({
    deliveryId: id,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    payload: `{"callid":${index}}`,
    context: '',
    source: { webhook: crm, version, metricsRow: 0 },
  }))
}

const SENDERS: readonly [string, (listener: SenderListener) => Sender][] = [
  ['a worker thread', (listener) => new WorkerSender('1', setup(), listener)],
  ['the main thread', (listener) => new InlineSender(setup(), listener)],
]

describe.each(SENDERS)('%s as a sender', (_, create) => {
  /** A sender that is ready but for its settings. */
  async function start(): Promise<{ sender: Sender; listener: Listener; receiver: Receiver }> {
    const receiver = await Receiver.start()
    const listener = new Listener()
    const sender = create(listener)
    onTestFinished(async () => {
      await sender.close()
      await receiver[Symbol.asyncDispose]()
    })
    return { sender, listener, receiver }
  }

  async function open(): Promise<{ sender: Sender; listener: Listener; receiver: Receiver }> {
    const { sender, listener, receiver } = await start()
    sender.configure(SETTINGS)
    await listener.until(() => sender.isReady)
    return { sender, listener, receiver }
  }

  test('is not ready before it knows what it must not reach, and never reaches that', async () => {
    const { sender, listener, receiver } = await start()
    if (sender instanceof WorkerSender) await listener.until(() => listener.readyCount > 0)
    expect(sender.isReady).toBe(false)
    const own = { address: '127.0.0.1', port: Number(new URL(receiver.origin).port) }
    sender.configure({ ...SETTINGS, refusedListeners: [own] })
    expect(sender.isReady).toBe(true)
    sender.post(outgoing(target(receiver), ['d1']))
    await listener.until(() => listener.outcomes.length === 1)
    expect(listener.outcomes[0]?.outcome).toMatchObject({ result: 'failure', reason: 'address-refused' })
    expect(receiver.received).toEqual([])
  })

  test('compiles with the data points that are configured when a version is new', async () => {
    const { sender, listener, receiver } = await open()
    const { request } = target(receiver)
    const format = { text: '{"n": %queue_depth%}', syntax: 'percent' as const }
    const changed = target(receiver, {
      request: { ...request, body: { kind: 'template', type: 'json', format, fields: {} } },
    })
    sender.post(outgoing(changed, ['d1']))
    await listener.until(() => listener.outcomes.length === 1)
    expect(listener.outcomes[0]?.outcome).toMatchObject({ result: 'invalid', reason: 'internal' })
    sender.configure({ ...SETTINGS, pointNames: new Set([...CATALOG_NAMES, 'queue_depth']) })
    sender.post(outgoing(changed, ['d2'], 2))
    await listener.until(() => listener.outcomes.length === 2)
    expect(listener.outcomes[1]?.outcome).toMatchObject({ result: 'success' })
  })

  test('renders, sends and reports each delivery once', async () => {
    const { sender, listener, receiver } = await open()
    const ids = Array.from({ length: 50 }, (_, index) => `d${index}`)
    sender.post(outgoing(target(receiver), ids))
    expect(sender.inFlight).toBe(50)
    await listener.until(() => listener.outcomes.length === 50)
    expect(listener.outcomes.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(listener.outcomes.every(({ outcome }) => outcome.result === 'success' && outcome.status === 200)).toBe(true)
    expect(receiver.received.find(({ id }) => id === 'd7')).toMatchObject({
      method: 'POST',
      url: '/hook',
      body: '{"n": 7}',
      headers: { 'user-agent': 'switchhook/1.2.3', 'content-type': 'application/json' },
    })
    expect(sender.inFlight).toBe(0)
  })

  test.each([
    [503, {}, 'failure', 'status', 'the server answered 503'],
    [404, {}, 'failure', 'status', 'the server answered 404'],
    [404, { success: 'any' }, 'success', '', ''],
    [418, { success: [418] }, 'success', '', ''],
    [302, {}, 'failure', 'status', 'the server answered 302'],
  ] as const)('judges %i of a webhook with %o', async (status, changes, result, reason, detail) => {
    const { sender, listener, receiver } = await open()
    receiver.answer = (_request, response) => response.writeHead(status, { 'retry-after': '7' }).end('so it is')
    sender.post(outgoing(target(receiver, changes), ['d1']))
    await listener.until(() => listener.outcomes.length === 1)
    const expected = { result, reason, detail, status, retryAfter: '7', excerpt: 'so it is', bytes: 8 }
    expect(listener.outcomes[0]?.outcome).toMatchObject(expected)
  })

  test('reports a request that can not be sent without sending it', async () => {
    const { sender, listener, receiver } = await open()
    const crm = target(receiver)
    const url = { text: `${receiver.origin}/calls/%callid%/end`, syntax: 'percent' } as const
    const request = { ...crm.request, url }
    sender.post([{ ...outgoing({ ...crm, request }, ['d1'])[0], payload: '{"callid":".."}' } as Outgoing])
    await listener.until(() => listener.outcomes.length === 1)
    expect(listener.outcomes[0]?.outcome).toMatchObject({ result: 'invalid', reason: 'invalid-request' })
    expect(receiver.received).toEqual([])
  })

  test('sends what the webhook is now, when it has changed', async () => {
    const { sender, listener, receiver } = await open()
    sender.post(outgoing(target(receiver), ['d1']))
    const crm = target(receiver)
    const changed = {
      ...crm,
      request: { ...crm.request, url: { text: `${receiver.origin}/new`, syntax: 'none' } as const },
    }
    sender.post(outgoing(changed, ['d2'], 2))
    await listener.until(() => listener.outcomes.length === 2)
    const urls = new Map(receiver.received.map(({ id, url }) => [id, url]))
    expect(urls).toEqual(
      new Map([
        ['d1', '/hook'],
        ['d2', '/new'],
      ]),
    )
  })

  test('a server that hangs holds up nobody else of its batch', async () => {
    const { sender, listener, receiver } = await open()
    receiver.answer = ({ body }, response) => {
      if (body !== '{"n": 0}') response.end()
    }
    sender.post(outgoing(target(receiver), ['hangs', 'd1', 'd2']))
    await listener.until(() => listener.outcomes.length === 2)
    expect(listener.outcomes.map(({ id }) => id).sort()).toEqual(['d1', 'd2'])
    expect(sender.inFlight).toBe(1)
  })
})

describe('a worker thread that dies', () => {
  test('gives back everything in flight as unsettled, is replaced, and the new one sends', async () => {
    await using receiver = await Receiver.start()
    const listener = new Listener()
    const sender = startThread(listener)
    onTestFinished(() => sender.close())
    await listener.until(() => sender.isReady)
    receiver.answer = () => undefined
    sender.post(outgoing(target(receiver), ['d1', 'd2', 'd3']))
    await receiver.until(() => receiver.received.length === 3)

    await sender.thread?.terminate()
    await listener.until(() => listener.outcomes.length === 3)
    expect(listener.outcomes.map(({ outcome }) => outcome.result)).toEqual(['unsettled', 'unsettled', 'unsettled'])
    expect(listener.deaths).toHaveLength(1)
    expect(sender.inFlight).toBe(0)

    await listener.until(() => sender.isReady)
    receiver.answer = (_, response) => response.end()
    sender.post(outgoing(target(receiver), ['d1']))
    await listener.until(() => listener.outcomes.length === 4)
    expect(listener.outcomes[3]).toMatchObject({ id: 'd1', outcome: { result: 'success' } })
  })

  test('before it takes a batch gives that back at once', async () => {
    await using receiver = await Receiver.start()
    const listener = new Listener()
    const sender = startThread(listener)
    onTestFinished(() => sender.close())
    await listener.until(() => sender.isReady)
    const died = sender.thread?.terminate()
    sender.post(outgoing(target(receiver), ['d1']))
    await died
    await listener.until(() => listener.outcomes.length === 1)
    sender.post(outgoing(target(receiver), ['d2']))
    await listener.until(() => listener.outcomes.length === 2)
    expect(listener.outcomes.every(({ outcome }) => outcome.result === 'unsettled')).toBe(true)
  })

  test('is believed what it had told before, though nobody had read it yet', async () => {
    await using receiver = await Receiver.start()
    const listener = new Listener()
    const metricsBlock = createBlock()
    const sender = new WorkerSender('1', { version: '1.2.3', metricsBlock }, listener)
    sender.configure(SETTINGS)
    onTestFinished(() => sender.close())
    await listener.until(() => sender.isReady)
    const crm = target(receiver)
    const url = { text: `${receiver.origin}/calls/%callid%/end`, syntax: 'percent' } as const
    const [refused] = outgoing({ ...crm, request: { ...crm.request, url } }, ['d1'])
    if (refused === undefined || sender.thread === undefined) throw new Error('there is one')
    sender.post([{ ...refused, payload: '{"callid":".."}' }])
    // Without giving this thread's loop a turn: what is refused is counted before it is told, and told before the worker idles.
    const invalid = cellsOf(metricsBlock)
    const at = rowAt(0) + ATTEMPTS_AT + ATTEMPT_RESULTS.indexOf('invalid-request')
    const idleMs = (): number | undefined => sender.thread?.performance.eventLoopUtilization().idle
    while (invalid[at] !== 1) idleMs()
    const beforeMs = idleMs()
    while (idleMs() === beforeMs);
    sender.thread.emit('exit', 1)
    expect(listener.outcomes).toMatchObject([{ id: 'd1', outcome: { result: 'invalid' } }])
    expect(listener.deaths).toHaveLength(1)
  })
})
