/**
 * The switches as a process of its own: sends events to a service, many a request as NDJSON or one a request as JSON, either
 * as fast as it takes them or at a rate that does not wait for answers. Every event must be accepted.
 */
import { Pool } from 'undici'
import { answerCommands } from '../processes/answering.ts'
import { momentMs } from '../processes/moment.ts'
import { eventText } from './call-data.ts'

/** What the process is asked. */
export type EventSourceCommands = {
  readonly open: (target: EventTarget) => void
  /** Makes the requests of the calls from `first` on, before the clock runs. */
  readonly prepare: (events: Events) => void
  /** Sends what was prepared, so many requests at once; resolves with when it began, when all are accepted. */
  readonly pour: (input: { readonly inFlight: number }) => Promise<number>
  /** Sends what was prepared at a rate of events, whether or not earlier ones were answered. */
  readonly flow: (input: { readonly perSecond: number }) => Promise<FlowTimes>
}

/** Where events go. */
export interface EventTarget {
  readonly origin: string
  readonly path: string
}

/** Which events, and how they are put into requests. */
export interface Events {
  readonly first: number
  readonly count: number
  /** 1: a JSON body an event; more: NDJSON. */
  readonly perRequest: number
  /** Types to take in turn; default: the one type of the benches. */
  readonly types?: readonly string[]
}

/** Of each request, in order, as `momentMs`. */
export interface FlowTimes {
  readonly dueAtMs: Float64Array
  readonly acceptedAtMs: Float64Array
}

/** Connections to the service. */
const CONNECTIONS = 256

answerCommands(sourceCommands())

function sourceCommands(): EventSourceCommands {
  let post: (body: Buffer) => Promise<void> = () => Promise.reject(new Error('open comes first'))
  let bodies: readonly Buffer[] = []
  let perRequest = 1
  return {
    open: ({ origin, path }) => {
      const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
      post = async (body) => {
        const type = perRequest === 1 ? 'application/json' : 'application/x-ndjson'
        const headers = { 'content-type': type }
        const answer = await pool.request({ method: 'POST', path, headers, body })
        const text = await answer.body.text()
        if (answer.statusCode !== 202) throw new Error(`events were answered with ${answer.statusCode}: ${text}`)
      }
    },
    prepare: (events) => {
      perRequest = events.perRequest
      bodies = Array.from({ length: Math.ceil(events.count / perRequest) }, (_, index) => requestBody(events, index))
    },
    pour: async ({ inFlight }) => {
      const startedAtMs = momentMs()
      let next = 0
      const sendNext = async (): Promise<void> => {
        for (let body = bodies[next]; body !== undefined; body = bodies[next]) {
          next += 1
          await post(body)
        }
      }
      await Promise.all(Array.from({ length: inFlight }, sendNext))
      return startedAtMs
    },
    flow: async ({ perSecond }) => {
      const startedAtMs = momentMs() + 1
      const everyMs = (1000 * perRequest) / perSecond
      const dueAtMs = new Float64Array(bodies.length).map((_, index) => startedAtMs + index * everyMs)
      const acceptedAtMs = new Float64Array(bodies.length)
      const posting: Promise<void>[] = []
      const finished = Promise.withResolvers<void>()
      const tick = (): void => {
        const nowMs = momentMs()
        while (posting.length < bodies.length && (dueAtMs[posting.length] ?? 0) <= nowMs) {
          const index = posting.length
          const accepted = post(bodies[index] ?? Buffer.alloc(0)).then(() => {
            acceptedAtMs[index] = momentMs()
          })
          // Told at the end, by all of them together.
          accepted.catch(finished.reject)
          posting.push(accepted)
        }
        if (posting.length < bodies.length) setTimeout(tick, 1)
        else finished.resolve()
      }
      tick()
      await finished.promise
      await Promise.all(posting)
      return { dueAtMs, acceptedAtMs }
    },
  }
}

function requestBody({ first, count, perRequest, types }: Events, index: number): Buffer {
  const from = first + index * perRequest
  const to = Math.min(first + count, from + perRequest)
  const lines: string[] = []
  for (let number = from; number < to; number += 1) {
    const type = types?.[number % types.length]
    lines.push(type === undefined ? eventText(number) : eventText(number, type))
  }
  return Buffer.from(lines.join('\n'))
}
