/** A tracer that throws wherever it is called: events are delivered and calls decided all the same. */
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { startService } from '../../src/service.ts'
import type { Tracing } from '../../src/tracing/tracing.ts'
import { Receiver } from '../worker/receiver.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Counts what was thrown, by the place. */
class BrokenTracing implements Tracing {
  readonly thrown: string[] = []
  readonly #isBrokenAtOnce: boolean

  constructor(isBrokenAtOnce: boolean) {
    this.#isBrokenAtOnce = isBrokenAtOnce
  }

  accept(): ReturnType<Tracing['accept']> {
    this.#atOnce('accept')
    const { fail } = this
    return { traceparent: TRACEPARENT, routed: () => fail('routed'), end: () => fail('accept end') }
  }

  invoke(): ReturnType<Tracing['invoke']> {
    this.#atOnce('invoke')
    const { fail } = this
    const send = (): { traceparent: string; end: () => never } => ({
      traceparent: TRACEPARENT,
      end: () => fail('send end'),
    })
    return { traceparent: TRACEPARENT, send, end: () => fail('invoke end') }
  }

  deliver(): ReturnType<Tracing['deliver']> {
    this.#atOnce('deliver')
    return { traceparent: TRACEPARENT, settled: () => this.fail('settled') }
  }

  kept(): void {
    this.fail('kept')
  }

  close(): void {
    this.fail('close')
  }

  readonly fail = (place: string): never => {
    this.thrown.push(place)
    throw new Error(`broken at ${place}`)
  }

  #atOnce(place: string): void {
    if (this.#isBrokenAtOnce) this.fail(place)
  }
}

test.each([
  ['at once', true, ['accept', 'deliver', 'invoke', 'kept']],
  ['later', false, ['accept end', 'invoke end', 'kept', 'routed', 'send end', 'settled']],
])('a tracer that throws %s hurts nothing but its spans', async (_, isBrokenAtOnce, places) => {
  const tracing = new BrokenTracing(isBrokenAtOnce)
  await using server = await Receiver.start()
  const loaded = parseConfig(
    `listen: { port: 0 }
network: { allow: [127.0.0.0/8] }
store: { engine: memory }
workers: 0
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${server.origin}/', body: x }
  - { id: ask, profile: wix-answers-ivr, url: '${server.origin}/' }
`,
    'test.yaml',
    {},
  )
  if (loaded.kind === 'refused') throw new Error(loaded.issues[0]?.message)
  const errors: string[] = []
  const ignore = (): undefined => undefined
  const log = { info: ignore, warn: ignore, error: (_fields: object, message: string) => errors.push(message) }
  const service = await startService({ config: loaded.config, version: '1.2.3', log, tracing })
  onTestFinished(() => service.close(1000))
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(service.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  }
  expect(await post('/v1/events', { type: 'call.end', data: {} })).toMatchObject({ accepted: [{ deliveries: 1 }] })
  expect(await post('/v1/webhooks/ask/invoke', { data: {} })).toMatchObject({ decision: { kind: 'disconnect' } })
  await expect.poll(async () => await service.engine.stats()).toMatchObject({ delivered: 1, inFlight: 0 })
  await expect.poll(() => [...new Set(tracing.thrown)].sort()).toEqual(places)
  expect(new Set(errors)).toEqual(new Set(['the tracer failed: what it was told goes on without a span']))
})
