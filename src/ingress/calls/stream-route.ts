/**
 * `GET /v1/stream`: what happens, as Server-sent events (HTML Standard, 9.2) while it does: `event`, `decision`, `delivery`, and
 * `dropped` where a reader was too slow for some of it. Only of accounts that the caller sees, and shown as deliveries are.
 */
import type { ServerResponse } from 'node:http'
import type { LiveFilter, Told } from '../../engine/calls/live.ts'
import { type Fields, fields, textField } from '../body/fields.ts'
import { readFilter } from '../body/query-filter.ts'
import { deliveryView, timeText } from '../deliveries/delivery-view.ts'
import { seesAccount } from '../http/access.ts'
import { problemAnswer, type RouteAnswer } from '../http/answer.ts'
import type { CallsPort } from '../ports/calls-port.ts'
import type { EnginePort } from '../ports/engine-port.ts'
import { type Problem, problem } from '../problems.ts'
import type { Call, Route, RouteContext } from '../route.ts'

/** Messages written in one turn of the loop: less than a millisecond's work. */
const WRITTEN_AT_ONCE = 32

/** Heartbeats that may find a reader taking nothing before it is cut off. */
const STALLED_HEARTBEATS = 4

/** Proxies must not gather it before they hand it on (nginx' own field); nothing comes after it on its connection. */
const STREAM_HEADERS = { 'x-accel-buffering': 'no', connection: 'close' }

type Watching = NonNullable<ReturnType<CallsPort['watch']>>

/** What is watched. */
interface StreamFilter {
  readonly webhook?: string | undefined
  readonly subject?: string | undefined
  readonly type?: string | undefined
  readonly account?: string | undefined
}

/** See {@link StreamFilter}. */
export const STREAM_FILTER: Fields<StreamFilter> = fields({
  webhook: textField().optional().describe('Only decisions and deliveries of this webhook'),
  subject: textField().optional().describe('Only of the call with this id'),
  type: textField().optional().describe('Only of events of this type'),
  account: textField().optional().describe('Only of this account'),
})

/** The route of this file. */
export function streamRoute(context: RouteContext): Route {
  return {
    method: 'GET',
    path: '/v1/stream',
    right: 'read',
    answersHead: false,
    handle: async (call) => watch(call, context),
  }
}

function watch(call: Call, context: RouteContext): RouteAnswer {
  const { engine, limits } = context
  const given = readFilter(call.query, STREAM_FILTER, context)
  if (given.kind === 'problem') return problemAnswer(given)
  const filter = filterFor(call, given.values)
  if ('kind' in filter) return problemAnswer(filter)
  const stream = new EventStream(engine, limits.heartbeatMs)
  const watching = engine.calls.watch(filter, () => stream.plan())
  if (watching === undefined) {
    const headers = { 'retry-after': '5' }
    return problemAnswer(problem('unavailable', 'As many streams are open as there may be', { headers }))
  }
  return {
    status: 200,
    contentType: 'text/event-stream',
    headers: STREAM_HEADERS,
    stream: (response) => stream.begin(response, watching),
  }
}

function filterFor({ caller }: Call, { account, webhook, subject, type }: StreamFilter): LiveFilter | Problem {
  const named = {
    ...(webhook !== undefined && { webhook }),
    ...(subject !== undefined && { subject }),
    ...(type !== undefined && { type }),
  }
  if (account !== undefined && !seesAccount(caller, account)) {
    return problem('not-found', `There is no account ${JSON.stringify(account)}`)
  }
  if (account !== undefined) return { ...named, accounts: [account] }
  return caller.accounts === 'all' ? named : { ...named, accounts: caller.accounts }
}

/** Brings what a watcher is told to its client, as fast as that one reads. */
class EventStream {
  readonly #engine: EnginePort
  readonly #heartbeatMs: number
  #response: ServerResponse | undefined
  #watching: Watching | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #isPlanned = false
  #stalled = 0

  constructor(engine: EnginePort, heartbeatMs: number) {
    this.#engine = engine
    this.#heartbeatMs = heartbeatMs
  }

  begin(response: ServerResponse, watching: Watching): void {
    if (response.destroyed) {
      watching.close()
      return
    }
    this.#response = response
    this.#watching = watching
    this.#heartbeat = setInterval(() => this.#beat(response), this.#heartbeatMs)
    response.on('drain', () => this.plan())
    response.once('close', () => {
      clearInterval(this.#heartbeat)
      watching.close()
    })
    // So that the client knows at once that it watches.
    response.write(': watching\n\n')
    this.plan()
  }

  /** Something waits: it is written in one of the next turns, if the client reads. */
  plan(): void {
    if (this.#isPlanned || this.#response === undefined) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      this.#write()
    })
  }

  #write(): void {
    const response = this.#response
    if (response === undefined || response.writableEnded || response.destroyed || response.writableNeedDrain) return
    const told = this.#watching?.take(WRITTEN_AT_ONCE) ?? []
    if (told.length === 0) return
    response.write(told.map((each) => this.#textOf(each)).join(''))
    this.plan()
  }

  #beat(response: ServerResponse): void {
    this.#stalled = response.writableNeedDrain ? this.#stalled + 1 : 0
    if (this.#stalled >= STALLED_HEARTBEATS) response.destroy()
    else if (this.#stalled === 0 && !response.writableEnded) response.write(':\n\n')
  }

  #textOf(told: Told): string {
    return `event: ${told.kind}\ndata: ${JSON.stringify(this.#viewOf(told))}\n\n`
  }

  #viewOf(told: Told): object {
    switch (told.kind) {
      case 'event': {
        const { atMs, account, event, deliveries } = told
        return { time: timeText(atMs), account, ...event, deliveries }
      }
      case 'decision': {
        const { atMs, account, event, durationMs, result } = told
        return { time: timeText(atMs), account, event, ...result, durationMs: Math.round(durationMs * 10) / 10 }
      }
      case 'delivery':
        return { time: timeText(told.atMs), ...deliveryView(told.record, this.#engine.holdOf(told.record)) }
      case 'dropped':
        return { count: told.count }
    }
  }
}
