/**
 * Sends any number of events as NDJSON, a batch after the other, and tells what became of each in their order. Back-pressure:
 * the next event is only fetched when the batch before is answered, and what the engine can't take for now (429, 503, lines
 * that are `retryable`) is sent again when it says so. An event is never sent again after it was accepted.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type EventInput, hasShape, read, type SendAnswer } from './answers.ts'
import type { ApiConnection } from './http.ts'
import { ProblemError } from './problem.ts'

/** How a stream of events is sent. */
export interface StreamOptions {
  /** Most events in a request, from 1 to 100,000; default 1,000. */
  readonly batchEvents?: number
  /** Most bytes in a request but for a single longer event, up to 8 MiB; default 1 MiB. */
  readonly batchBytes?: number
  /** How long the engine may take nothing at all before the stream ends with its problem, in milliseconds; default 300,000. */
  readonly patienceMs?: number
  /** Called before each wait, with its length in milliseconds. */
  readonly onWait?: (waitMs: number) => void
  readonly signal?: AbortSignal
}

/** What became of one event; `index` counts what was given to the stream, from 0. */
export type EventOutcome =
  | { readonly kind: 'accepted'; readonly index: number; readonly id: string; readonly deliveries: number }
  | { readonly kind: 'duplicate'; readonly index: number; readonly id: string }
  | { readonly kind: 'rejected'; readonly index: number; readonly detail: string }

/** Events, or lines of JSON text that hold one each; blank texts count, but are not sent. */
export type EventSource = AsyncIterable<EventInput | string> | Iterable<EventInput | string>

interface Line {
  readonly index: number
  readonly text: string
}

const DEFAULTS = { batchEvents: 1000, batchBytes: 1_048_576, patienceMs: 300_000 } as const

/** The wait where the engine takes some events of a batch and not others: it names no time then. */
const PARTIAL_WAIT_MS = 1000

const SEND_SHAPE = { accepted: 'list', duplicates: 'list', rejected: 'list' } as const

/** See the head of this file. Ends with the error of a request that failed; the events of its batch have no outcome then. */
export async function* sendStream(
  connection: ApiConnection,
  events: EventSource,
  options: StreamOptions = {},
): AsyncGenerator<EventOutcome> {
  for await (const batch of batches(events, { ...DEFAULTS, ...options })) {
    yield* await sendBatch(connection, batch, options)
  }
}

async function* batches(
  events: EventSource,
  { batchEvents, batchBytes }: Required<Pick<StreamOptions, 'batchEvents' | 'batchBytes'>>,
): AsyncGenerator<readonly Line[]> {
  let lines: Line[] = []
  let bytes = 0
  let index = -1
  for await (const event of events) {
    index += 1
    // A line feed between the tokens of JSON is white space; here it would begin another event.
    const text = typeof event === 'string' ? event.replace(/[\r\n]+/g, ' ') : JSON.stringify(event)
    if (text.trim() === '') continue
    const length = Buffer.byteLength(text) + 1
    if (lines.length > 0 && (bytes + length > batchBytes || lines.length >= batchEvents)) {
      yield lines
      lines = []
      bytes = 0
    }
    lines.push({ index, text })
    bytes += length
  }
  if (lines.length > 0) yield lines
}

/** The outcomes of a batch, by index. */
async function sendBatch(
  connection: ApiConnection,
  batch: readonly Line[],
  { patienceMs = DEFAULTS.patienceMs, onWait, signal }: StreamOptions,
): Promise<readonly EventOutcome[]> {
  const outcomes: EventOutcome[] = []
  let lines = batch
  let endMs = performance.now() + patienceMs
  for (;;) {
    const reply = await post(connection, lines, signal)
    const { settled, left } = reply.kind === 'answer' ? sort(reply.answer, lines) : { settled: [], left: lines }
    outcomes.push(...settled)
    if (left.length === 0) return outcomes.sort((one, other) => one.index - other.index)
    if (settled.length > 0) endMs = performance.now() + patienceMs
    const waitMs = reply.kind === 'answer' ? PARTIAL_WAIT_MS : reply.waitMs
    if (performance.now() + waitMs > endMs) {
      if (reply.kind === 'busy') throw reply.error
      return [...outcomes, ...refusedAfterAll(reply.answer, lines)].sort((one, other) => one.index - other.index)
    }
    onWait?.(waitMs)
    await wait(waitMs, undefined, signal === undefined ? {} : { signal })
    lines = left
  }
}

type Reply =
  | { readonly kind: 'answer'; readonly answer: SendAnswer }
  | { readonly kind: 'busy'; readonly waitMs: number; readonly error: ProblemError }

async function post(
  connection: ApiConnection,
  lines: readonly Line[],
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const body = lines.map(({ text }) => `${text}\n`).join('')
  const request = { method: 'POST', path: 'v1/events', contentType: 'application/x-ndjson', body } as const
  try {
    const answer = await connection.ask(signal === undefined ? request : { ...request, signal })
    return { kind: 'answer', answer: read<SendAnswer>(answer, SEND_SHAPE) }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { problem, retryAfterMs, answer } = error
    if (retryAfterMs !== undefined && [429, 503].includes(problem.status)) {
      return { kind: 'busy', waitMs: retryAfterMs, error }
    }
    if (hasShape(answer, SEND_SHAPE)) return { kind: 'answer', answer: read<SendAnswer>(answer, SEND_SHAPE) }
    // A single event that is too large for any request is that event's fault, and no reason to end the stream.
    if (problem.status !== 413 || lines.length > 1) throw error
    return { kind: 'answer', answer: { accepted: [], duplicates: [], rejected: [{ index: 0, detail: error.message }] } }
  }
}

interface Sorted {
  readonly settled: readonly EventOutcome[]
  readonly left: readonly Line[]
}

/** What is settled for good, and what can be sent again. */
function sort({ accepted, duplicates, rejected }: SendAnswer, lines: readonly Line[]): Sorted {
  const final = rejected.filter(({ retryable }) => retryable !== true)
  const left = rejected.filter(({ retryable }) => retryable === true)
  return {
    settled: [
      ...accepted.map(({ index, id, deliveries }): EventOutcome => {
        return { kind: 'accepted', index: indexOf(lines, index), id, deliveries }
      }),
      ...duplicates.map(({ index, id }): EventOutcome => ({ kind: 'duplicate', index: indexOf(lines, index), id })),
      ...final.map((one) => rejection(one, lines)),
    ],
    left: left.flatMap(({ index }) => lines[index] ?? []),
  }
}

function refusedAfterAll({ rejected }: SendAnswer, lines: readonly Line[]): readonly EventOutcome[] {
  return rejected.filter(({ retryable }) => retryable === true).map((one) => rejection(one, lines))
}

/** The engine counts the lines of a request, of which the sender of a stream knows nothing; within it a line is the only one. */
function rejection({ index, detail }: SendAnswer['rejected'][number], lines: readonly Line[]): EventOutcome {
  const place = `line ${index + 1}: `
  const own = detail.startsWith(place) ? detail.slice(place.length) : detail
  return { kind: 'rejected', index: indexOf(lines, index), detail: own.replace(/^line 1, (?=column )/, '') }
}

function indexOf(lines: readonly Line[], index: number): number {
  return lines[index]?.index ?? index
}
