/**
 * A process that sends prepared bytes with one HTTP client, or over sockets alone, and does nothing else: what remains when
 * rendering, routing, storing and settling cost nothing. With `Pool.dispatch` it is the limit that the engine is compared with.
 */
import { answerCommands } from '../processes/answering.ts'
import { momentMs } from '../processes/moment.ts'
import { callBody } from '../traffic/call-data.ts'
import { CLIENTS, type ClientName, SOCKETS } from './clients.ts'
import { IN_FLIGHT } from './in-flight.ts'
import { type PreparedRequest, prepareRequest, type Send } from './prepared-request.ts'

/** What the process is asked. */
export type ClientCommands = {
  readonly open: (input: { readonly client: ClientName; readonly origin: string }) => void
  /** Makes the requests of the calls from `first` on, before the clock runs. */
  readonly prepare: (input: { readonly first: number; readonly count: number }) => void
  /** Sends what was prepared, as fast as {@link IN_FLIGHT} allow; resolves when all are answered. */
  readonly sendAll: (input: undefined) => Promise<void>
  /** Sends what was prepared at a rate, whether or not earlier ones were answered; gives when each was due. */
  readonly sendAtRate: (input: { readonly perSecond: number }) => Promise<Float64Array>
}

answerCommands(clientCommands())

function clientCommands(): ClientCommands {
  let send: Send = () => {
    throw new Error('open comes first')
  }
  let prepared: readonly PreparedRequest[] = []
  let wireHost: string | undefined
  return {
    open: ({ client, origin }) => {
      wireHost = client === SOCKETS ? new URL(origin).host : undefined
      send = CLIENTS[client]({ origin, connections: IN_FLIGHT })
    },
    prepare: ({ first, count }) => {
      prepared = Array.from({ length: count }, (_, index) =>
        prepareRequest(first + index, callBody(first + index), wireHost),
      )
    },
    sendAll: async () => {
      const done = Promise.withResolvers<void>()
      let next = 0
      let ended = 0
      const onEnd = (error: Error | undefined): void => {
        if (error !== undefined) {
          done.reject(error)
          return
        }
        ended += 1
        if (ended === prepared.length) done.resolve()
        else sendNext()
      }
      const sendNext = (): void => {
        const request = prepared[next]
        next += 1
        if (request !== undefined) send(request, onEnd)
      }
      for (let count = 0; count < IN_FLIGHT; count += 1) sendNext()
      await done.promise
    },
    sendAtRate: async ({ perSecond }) => {
      const done = Promise.withResolvers<void>()
      const startedAtMs = momentMs() + 1
      const dueAtMs = new Float64Array(prepared.length).map((_, index) => startedAtMs + (index * 1000) / perSecond)
      let next = 0
      let ended = 0
      const onEnd = (error: Error | undefined): void => {
        ended += 1
        if (error !== undefined) done.reject(error)
        else if (ended === prepared.length) done.resolve()
      }
      const tick = (): void => {
        const nowMs = momentMs()
        while (next < prepared.length && (dueAtMs[next] ?? 0) <= nowMs) {
          const request = prepared[next]
          next += 1
          if (request !== undefined) send(request, onEnd)
        }
        if (next < prepared.length) setTimeout(tick, 1)
      }
      tick()
      await done.promise
      return dueAtMs
    },
  }
}
