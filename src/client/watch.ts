/**
 * What happens in an engine, as it happens (`GET /v1/stream`): an async iterator that outlives lost connections. It waits
 * longer after each failure in a row, and connects anew; what happened meanwhile is not told by the engine, and `onBreak` says
 * that there is a gap. A connection on which nothing comes, not even a heartbeat, is taken for lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { InvokeResult } from '../model/results.ts'
import { type Delivery, hasShape, type Shape } from './answers.ts'
import { EventStreamParser } from './event-stream.ts'
import type { ApiConnection } from './http.ts'
import { ProblemError, UnreachableError } from './problem.ts'

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
  /** A delivery after an attempt, with that. One that ends without may not be told. */
  | ({ readonly kind: 'delivery'; readonly time: string } & Delivery)
  /** The watcher was too slow for so many. */
  | { readonly kind: 'dropped'; readonly count: number }

const DEFAULTS = { firstWaitMs: 500, mostWaitMs: 15_000, silenceMs: 60_000 } as const

/** Statuses with which an engine, or a proxy before it, may answer for a while. */
const PASSING: readonly number[] = [429, 502, 503, 504]

/** What each kind must have to be told on. */
const SHAPES: Readonly<Record<Happening['kind'], Shape>> = {
  event: { time: 'text', account: 'text', id: 'text', type: 'text', subject: 'text', deliveries: 'number' },
  decision: { time: 'text', account: 'text', event: 'object', decision: 'object', durationMs: 'number' },
  delivery: { time: 'text', account: 'text', event: 'object', state: 'text', attempts: 'list' },
  dropped: { count: 'number' },
}

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
    let connectedMs = Number.POSITIVE_INFINITY
    try {
      for await (const told of connected(connection, target, signal, silenceMs)) {
        if (told !== 'connected') yield told
        else {
          isFirst = false
          connectedMs = performance.now()
          onConnect?.()
        }
      }
      cause = connection.unreachable(new Error('the engine has closed the stream'))
    } catch (error) {
      cause = error
    }
    if (isOver(signal)) return
    if (isFirst || !isPassing(cause)) throw cause
    // What takes connections and ends each soon, as a proxy before a dead engine does, must not be asked again and again.
    if (performance.now() - connectedMs >= mostWaitMs) failures = 0
    const ownWaitMs = Math.min(mostWaitMs, firstWaitMs * 2 ** failures) * (0.5 + Math.random() / 2)
    const askedMs = cause instanceof ProblemError ? (cause.retryAfterMs ?? 0) : 0
    const waitMs = Math.max(ownWaitMs, Math.min(mostWaitMs, askedMs))
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
  if (!isKind(kind)) return undefined
  const told: unknown = JSON.parse(data)
  if (typeof told !== 'object' || told === null || !hasShape(told, SHAPES[kind])) return undefined
  // The engine's own words: `kind` is one of the list, and decides what else there is.
  return Object.assign({ kind }, told, { kind }) as Happening
}

function isKind(kind: string): kind is Happening['kind'] {
  return Object.hasOwn(SHAPES, kind)
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function isPassing(cause: unknown): cause is ProblemError | UnreachableError {
  return cause instanceof UnreachableError || (cause instanceof ProblemError && PASSING.includes(cause.problem.status))
}
