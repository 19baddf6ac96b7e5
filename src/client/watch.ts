/**
 * What happens in an engine, as it happens (`GET /v1/stream`): an async iterator that outlives lost connections. It waits
 * longer after each failure in a row, and connects anew; what happened meanwhile is not told by the engine, and `onBreak` says
 * that there is a gap. A connection on which nothing comes, not even a heartbeat, is taken for lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { InvokeResult } from '../model/results.ts'
import type { Delivery } from './answers.ts'
import { EventStreamParser } from './event-stream.ts'
import type { ApiConnection } from './http.ts'
import { memberOf, ProblemError, UnreachableError } from './problem.ts'

/** What is told; everything where nothing is said. */
export interface WatchFilter {
  /** Decisions and deliveries of this webhook; events belong to none. */
  readonly webhook?: string
  /** Of events of this type. */
  readonly type?: string
  /** Of the call with this id. */
  readonly subject?: string
  /** Of this account. */
  readonly account?: string
}

/** How it is watched. */
export interface WatchOptions {
  /** Aborted: the iterator ends. */
  readonly signal?: AbortSignal
  /** Called when the engine has begun to tell, the first time and after each break. */
  readonly onConnect?: () => void
  /** Called when the connection is lost, or could not be had again, before the next try in `waitMs` milliseconds. */
  readonly onBreak?: (cause: ProblemError | UnreachableError, waitMs: number) => void
  /** Milliseconds before the first try after a break, doubled for each that fails; default 500, half of it by chance. */
  readonly firstWaitMs?: number
  /** Most milliseconds between two tries; default 15,000. */
  readonly mostWaitMs?: number
  /** Silence after which a connection is lost, in milliseconds; default 60,000: the engine sends a heartbeat every 15 s. */
  readonly silenceMs?: number
}

/** What an event is known by. */
interface WatchedEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
}

/** One thing that happened; `time` is RFC 3339. */
export type Happening =
  /** An event was accepted, with so many deliveries. */
  | ({
      readonly kind: 'event'
      readonly time: string
      readonly account: string
      readonly deliveries: number
    } & WatchedEvent)
  /** An invoke has ended. */
  | ({
      readonly kind: 'decision'
      readonly time: string
      readonly account: string
      readonly event: WatchedEvent
      readonly durationMs: number
    } & InvokeResult)
  /** A delivery after an attempt, or when it ended without one; with its last attempt. */
  | ({ readonly kind: 'delivery'; readonly time: string } & Delivery)
  /** The watcher was too slow for so many. */
  | { readonly kind: 'dropped'; readonly count: number }

const DEFAULTS = { firstWaitMs: 500, mostWaitMs: 15_000, silenceMs: 60_000 } as const

/** Statuses with which an engine, or a proxy before it, may answer for a while. */
const PASSING: readonly number[] = [429, 502, 503, 504]

const KINDS: readonly string[] = ['event', 'decision', 'delivery', 'dropped'] satisfies readonly Happening['kind'][]

/** See the head of this file. Throws where the first connection can't be had, and where the engine refuses. */
export async function* watch(
  connection: ApiConnection,
  filter: WatchFilter,
  options: WatchOptions = {},
): AsyncGenerator<Happening> {
  const { signal, onConnect, onBreak, firstWaitMs, mostWaitMs, silenceMs } = { ...DEFAULTS, ...options }
  const query = Object.entries(filter).filter(([, value]) => value !== undefined)
  const target = `v1/stream?${new URLSearchParams(query)}`
  let isFirst = true
  for (let failures = 0; ; failures += 1) {
    let cause: unknown
    try {
      for await (const told of connected(connection, target, signal, silenceMs)) {
        failures = 0
        if (told !== 'connected') yield told
        else {
          isFirst = false
          onConnect?.()
        }
      }
      cause = connection.unreachable(new Error('the engine has closed the stream'))
    } catch (error) {
      cause = error
    }
    if (isOver(signal)) return
    if (isFirst || !isPassing(cause)) throw cause
    const waitMs = Math.min(mostWaitMs, firstWaitMs * 2 ** failures) * (0.5 + Math.random() / 2)
    onBreak?.(cause, Math.round(waitMs))
    await wait(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    if (isOver(signal)) return
  }
}

/** One connection from its beginning to its end. */
async function* connected(
  connection: ApiConnection,
  target: string,
  signal: AbortSignal | undefined,
  silenceMs: number,
): AsyncGenerator<Happening | 'connected'> {
  const silence = new AbortController()
  const giveUp = (): void => silence.abort(new Error(`nothing came for ${Math.round(silenceMs / 1000)} s`))
  const ends = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])
  let timer = setTimeout(giveUp, silenceMs)
  try {
    const bytes = await connection.open(target, 'text/event-stream', ends)
    yield 'connected'
    const decoder = new TextDecoder()
    const parser = new EventStreamParser()
    for await (const chunk of bytes) {
      // Whoever takes its time with what it is told is not the engine's silence.
      clearTimeout(timer)
      for (const { event, data } of parser.push(decoder.decode(chunk, { stream: true }))) {
        const happening = happeningOf(event, data)
        if (happening !== undefined) yield happening
      }
      timer = setTimeout(giveUp, silenceMs)
    }
  } catch (error) {
    throw error instanceof ProblemError || error instanceof UnreachableError ? error : connection.unreachable(error)
  } finally {
    clearTimeout(timer)
  }
}

/** What a later engine may tell beside these is passed over. */
function happeningOf(kind: string, data: string): Happening | undefined {
  if (!KINDS.includes(kind)) return undefined
  const told: unknown = JSON.parse(data)
  if (typeof told !== 'object' || told === null) return undefined
  if (kind === 'dropped' && typeof memberOf(told, 'count') !== 'number') return undefined
  // The engine's own words: `kind` is one of the list, and decides what else there is.
  return { kind, ...told } as Happening
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function isPassing(cause: unknown): cause is ProblemError | UnreachableError {
  return cause instanceof UnreachableError || (cause instanceof ProblemError && PASSING.includes(cause.problem.status))
}
