/**
 * What the conformance tests of the platforms' documents share: a service made of configuration as data, live calls that
 * ask for a decision, events that are sent, and a customer's server that can be down for a while.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { type Json, startWorld, type World } from '../e2e/world.ts'
import { type Answerer, type Received, Receiver } from '../worker/receiver.ts'

/** Attempts in quick succession, for everything that is about what happens and not about when. */
export const QUICK_RETRY = { schedule: ['0s', '50ms', '100ms'], jitter: 0 } as const

/** One data point an entry. */
export type Data = Readonly<Record<string, unknown>>

/** A customer's server that ends with the test; `answer` is how it answers until it is told otherwise. */
export async function startReceiver(answer?: Answerer): Promise<Receiver> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  if (answer !== undefined) receiver.answer = answer
  return receiver
}

/** Starts a service; JSON is YAML, so that configuration can be written as data. */
export function startPlatform(config: Readonly<Record<string, unknown>>): Promise<World> {
  const sections = Object.entries({ workers: 0, ...config })
  return startWorld(sections.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join('\n'))
}

/** Invokes a webhook as a switch does and gives the whole answer. */
export async function invoke(world: World, webhook: string, data: Data = {}, subject?: string): Promise<Json> {
  const event = { type: 'call.ivr', data, ...(subject === undefined ? {} : { subject }) }
  const { status, json } = await world.post(`/v1/webhooks/${webhook}/invoke`, event)
  expect({ status, json }).toMatchObject({ status: 200, json: { webhook } })
  return json
}

/** Invokes a webhook and gives its decision. */
export async function decide(world: World, webhook: string, data: Data = {}, subject?: string): Promise<Json> {
  return (await invoke(world, webhook, data, subject)).decision
}

/** Sends one event, which must be accepted, and gives how many deliveries it makes. */
export async function send(
  world: World,
  type: string,
  data: Data = {},
  attributes: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { status, json } = await world.post('/v1/events', { type, data, ...attributes })
  // Together, so that a failure shows the reason that came with the status.
  expect({ status, json }).toMatchObject({ status: 202, json: { accepted: [{ index: 0 }] } })
  return json.accepted[0].deliveries
}

/** The `count`-th request of a receiver, waited for. */
export async function requestTo(receiver: Receiver, count = 1): Promise<Received> {
  await receiver.until(() => receiver.received.length >= count)
  const request = receiver.received[count - 1]
  if (request === undefined) throw new Error('no such request')
  return request
}

/** The parameters of a request target, names and values decoded, in their order. */
export function queryOf({ url }: Received): readonly (readonly [string, string])[] {
  return [...new URLSearchParams(url.split('?').slice(1).join('?'))]
}

/** The parameters of a form body, names and values decoded, in their order. */
export function formOf({ body }: Received): readonly (readonly [string, string])[] {
  return [...new URLSearchParams(body)]
}

/** All deliveries as the API shows them, oldest first, once there are `count` and none is pending any more. */
export async function settledDeliveries(world: World, count: number): Promise<Json[]> {
  const read = async (): Promise<Json[]> => (await world.get('/v1/deliveries')).json.deliveries
  const isSettled = (deliveries: Json[]) =>
    deliveries.length === count && deliveries.every(({ state }) => state !== 'pending')
  await expect.poll(async () => isSettled(await read()), { interval: 10 }).toBe(true)
  return (await read()).toSorted((a, b) => (a.acceptedAt < b.acceptedAt ? -1 : 1))
}

/** An HTTP server at a fixed port, ended with the test at the latest. */
export async function listenAt(
  port: number,
  listener: RequestListener,
): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer(listener)
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(port, '127.0.0.1', listening.resolve)
  await listening.promise
  const close = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>()
    server.close(() => closed.resolve())
    server.closeAllConnections()
    await closed.promise
  }
  onTestFinished(close)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return { port: address.port, close }
}
