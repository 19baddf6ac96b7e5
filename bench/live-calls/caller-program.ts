/**
 * The switch that waits, as a process of its own: makes calls at a rate that does not wait for answers (open loop). What is
 * measured begins when a call was due, not when it was made, so that a caller that is held up hides nothing (the correction
 * for coordinated omission).
 */
import { Pool } from 'undici'
import { answerCommands } from '../processes/answering.ts'
import { momentMs } from '../processes/moment.ts'
import { callBody, eventText } from '../traffic/call-data.ts'
import { encodeLatencies, newLatencies, record } from './latencies.ts'
import { Pacer } from './pacer.ts'

/** What the process is asked. */
export type CallerCommands = {
  /** Opens connections to a target; gives its number. */
  readonly open: (target: CallTarget) => number
  /** Calls for a while; rejects unless every answer holds what it should. */
  readonly call: (slice: CallSlice) => Promise<CalledSlice>
}

/** Whom to call. */
export interface CallTarget {
  readonly origin: string
  readonly path: string
  /** `event`: a call event; `body`: what the customer's server gets of it, prepared. */
  readonly sends: 'event' | 'body'
  /** A text that every answer holds. */
  readonly answerHolds: string
}

/** A slice of calls. */
export interface CallSlice {
  readonly target: number
  readonly first: number
  readonly perSecond: number
  readonly durationMs: number
}

/** What came of it. */
export interface CalledSlice {
  readonly calls: number
  /** Of all calls, from when each was due; as `encodeLatencies` writes them. */
  readonly latencies: string
}

/** Connections to one target; more calls than these are not under way unless it stands still. */
const CONNECTIONS = 256

/** Different calls that are made, over and over. */
const DIFFERENT = 256

answerCommands(callerCommands())

function callerCommands(): CallerCommands {
  const pacer = new Pacer()
  const targets: { readonly call: (index: number) => Promise<void> }[] = []
  return {
    open: (target) => {
      targets.push({ call: openTarget(target) })
      return targets.length - 1
    },
    call: async ({ target: number, perSecond, durationMs, first }) => {
      const target = targets[number]
      if (target === undefined) throw new Error('open comes first')
      const calls = Math.max(1, Math.round((perSecond * durationMs) / 1000))
      const latencies = newLatencies()
      const done = Promise.withResolvers<void>()
      const startedAtMs = momentMs() + 1
      let made = 0
      let answered = 0
      const callOne = (): void => {
        const dueAtMs = startedAtMs + (made * 1000) / perSecond
        target.call(first + made).then(() => {
          record(latencies, momentMs() - dueAtMs)
          answered += 1
          if (answered === calls) done.resolve()
        }, done.reject)
        made += 1
      }
      pacer.run({ startedAtMs, perSecond, count: calls }, () => {
        while (made < calls && startedAtMs + (made * 1000) / perSecond <= momentMs()) callOne()
      })
      await done.promise
      return { calls, latencies: encodeLatencies(latencies) }
    },
  }
}

function openTarget({ origin, path, sends, answerHolds }: CallTarget): (index: number) => Promise<void> {
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
  const text = sends === 'event' ? eventText : callBody
  const bodies = Array.from({ length: DIFFERENT }, (_, number) => Buffer.from(text(number)))
  const headers = { 'content-type': 'application/json' }
  return async (index) => {
    const body = bodies[index % DIFFERENT] ?? null
    const answer = await pool.request({ method: 'POST', path, headers, body })
    const answered = await answer.body.text()
    if (answer.statusCode !== 200 || !answered.includes(answerHolds)) {
      throw new Error(`${origin}${path} answered ${answer.statusCode}: ${answered}`)
    }
  }
}
