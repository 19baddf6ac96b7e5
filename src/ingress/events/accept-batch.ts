/**
 * Takes the events of a batch to the engine in slices: each is parsed within about a millisecond, in a turn of the loop that no
 * other batch gets, so that a live call waits for one slice at most, however many batches there are. One slice at a time is with
 * the engine; while it commits, the next is parsed.
 * Called by `POST /v1/events`.
 */
import { messageOf, SwitchhookError } from '../../errors.ts'
import type { CallEvent } from '../../model/event.ts'
import type { DecodeText } from '../body/charset.ts'
import { type Problem, problem } from '../problems.ts'
import type { RouteContext } from '../route.ts'
import { type EventResult, type EventRules, refuse } from './event-attributes.ts'
import { type Piece, splitArray, splitLines } from './split-batch.ts'
import { readStructured } from './structured-event.ts'
import { type ReadEvent, type SliceResults, Tally } from './tally.ts'

/** Time after which a slice ends and the loop turns, in milliseconds (the house's promise to live calls). */
const SLICE_MS = 1

/** Most events of a slice, so that the engine's part of it stays short as well. */
const SLICE_EVENTS = 256

/** A batch in UTF-8. */
export interface Batch {
  readonly form: 'array' | 'lines'
  readonly bytes: Buffer
  readonly decode: DecodeText
}

/** Accepts what can be accepted; a problem where the batch as a whole can't be read, and then nothing of it is accepted. */
export async function acceptBatch(batch: Batch, rules: EventRules, context: RouteContext): Promise<Tally | Problem> {
  const { limits, batchTurns } = context
  const split = await batchTurns.drive(
    batch.form === 'lines' ? splitLines(batch.bytes, limits.batchEvents) : splitArray(batch.bytes, limits.batchEvents),
  )
  switch (split.kind) {
    case 'malformed':
      return problem('malformed-body', `The batch is not a JSON array: ${split.detail}`)
    case 'too-many':
      return problem('too-large', `A batch may have up to ${split.limit} events`)
    case 'pieces':
      return await acceptPieces(split.pieces, batch, rules, context)
  }
}

/** Hands events to the engine and takes down what became of all that were read. Never rejects. */
export async function acceptSlice(slice: readonly ReadEvent[], tally: Tally, context: RouteContext): Promise<void> {
  const events: CallEvent[] = []
  for (const { result } of slice) {
    if (result.kind === 'event') events.push(result.event)
    else context.metrics.eventRefused(result.type)
  }
  tally.add(slice, events.length === 0 ? { kind: 'results', results: [] } : await accept(events, context))
}

async function acceptPieces(
  pieces: readonly Piece[],
  batch: Batch,
  rules: EventRules,
  context: RouteContext,
): Promise<Tally> {
  const { batchTurns } = context
  const tally = new Tally()
  let committing: Promise<void> = Promise.resolve()
  let index = 0
  while (index < pieces.length) {
    await batchTurns.next()
    const slice: ReadEvent[] = []
    const startedMs = performance.now()
    let elapsedMs = 0
    for (const piece of pieces.slice(index, index + SLICE_EVENTS)) {
      slice.push({ index, result: readPiece(piece, batch, rules, context) })
      index += 1
      elapsedMs = performance.now() - startedMs
      if (elapsedMs >= SLICE_MS) break
    }
    context.metrics.overheadIngress(elapsedMs)
    await committing
    // Behind it: a store keeps what many batches brought in one commit, and tells all of them in one turn of the loop.
    await batchTurns.next()
    committing = acceptSlice(slice, tally, context)
  }
  await committing
  return tally
}

function readPiece(piece: Piece, batch: Batch, rules: EventRules, { limits }: RouteContext): EventResult {
  const { bytes, decode } = batch
  const { start, end } = piece
  if (end - start > limits.requestBytes) {
    return refuse('invalid', '', `${placeOf(piece, batch)}: an event may have up to ${limits.requestBytes} bytes`)
  }
  const result = readStructured(decode(bytes, start, end), rules, { bounds: limits.json, decode })
  return result.kind === 'refused' ? { ...result, detail: `${placeOf(piece, batch)}: ${result.detail}` } : result
}

function placeOf({ number }: Piece, { form }: Batch): string {
  return `${form === 'lines' ? 'line' : 'member'} ${number}`
}

async function accept(events: readonly CallEvent[], { engine, log }: RouteContext): Promise<SliceResults> {
  try {
    return { kind: 'results', results: await engine.accept(events) }
  } catch (error) {
    // Part of the batch may be accepted by now, so its other events must still be answered one by one.
    if (error instanceof SwitchhookError && error.code !== 'internal')
      return { kind: 'unavailable', detail: error.message }
    log.error({ error }, `accepting events failed: ${messageOf(error)}`)
    return { kind: 'unavailable', detail: 'the event could not be kept; something is broken here' }
  }
}
