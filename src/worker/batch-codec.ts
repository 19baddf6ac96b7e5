/**
 * How deliveries and outcomes cross the border between threads: a text or two of all texts and one array of all numbers a batch,
 * since structured clone pays for every object and every string, hardly for their size. Invariant: what was packed is what is
 * unpacked, whatever the texts hold. Batches are packed by senders and unpacked by the runner, outcomes the other way round.
 */
import { PHASES } from '../metrics/layout.ts'
import { readPhases, writePhases } from '../metrics/phase-cells.ts'
import type { Outcome, OutcomeResult } from '../model/attempt.ts'
import { REASONS, type Reason } from '../model/decision.ts'

/** Texts in a row, each known by its place. */
export interface PackedTexts {
  readonly joined: string
  /** Where each ends in {@link joined}. */
  readonly ends: Uint32Array
}

/** One delivery as it crosses the border. */
export interface CrossingDelivery {
  /** What its outcome will name it by. */
  readonly slot: number
  /** Number of its webhook, as the thread was told it. */
  readonly webhook: number
  readonly deliveryId: string
  readonly traceparent: string
  /** Data points as JSON text. */
  readonly payload: string
  /** Call context as JSON text, or empty. */
  readonly context: string
}

/** Deliveries of a batch; what stands side by side and has the same payload shares it. */
export interface PackedDeliveries {
  /** {@link DELIVERY_NUMBERS} of each. */
  readonly numbers: Uint32Array
  /** {@link DELIVERY_NAMES} of each, apart from what is long: they are kept while a request is under way, each a part of this text. */
  readonly names: PackedTexts
  /** Payloads and contexts. */
  readonly texts: PackedTexts
  /** The long ones of them, as they are: their places begin at {@link APART}. */
  readonly apart: readonly string[]
}

/** One outcome as it crosses the border. */
export interface CrossingOutcome {
  readonly slot: number
  readonly outcome: Outcome
}

/** Outcomes in the order in which they came. */
export interface PackedOutcomes {
  /** {@link OUTCOME_NUMBERS} of each. */
  readonly numbers: Float64Array
  /** {@link OUTCOME_TEXTS} of each. */
  readonly texts: PackedTexts
}

/** Slot, webhook, and the places of payload and context among the texts. */
const DELIVERY_NUMBERS = 4

/** Id and traceparent. */
const DELIVERY_NAMES = 2

/** The first place of what stands apart. */
const APART = 2 ** 31

/**
 * The least characters that stand apart. Joining them would copy all once more, at two bytes a character where one of them is
 * beyond Latin-1: 64 payloads of 1 MiB held the main thread three times as long as cloning them does.
 */
const APART_LENGTH = 16_384

const RESULTS: readonly OutcomeResult[] = ['success', 'failure', 'invalid', 'unsettled']

/** Slot, result, reason (0: none), status, started at, duration, bytes, then the phases, NaN where one did not happen. */
const FIRST_PHASE = 7
const OUTCOME_NUMBERS: number = FIRST_PHASE + PHASES.length

/** Detail, retry-after, excerpt. */
const OUTCOME_TEXTS = 3

/** Packs a batch. */
export function packDeliveries(deliveries: readonly CrossingDelivery[]): PackedDeliveries {
  const numbers = new Uint32Array(deliveries.length * DELIVERY_NUMBERS)
  const names: string[] = []
  const texts: string[] = []
  const apart: string[] = []
  const place = (text: string): number =>
    text.length < APART_LENGTH ? texts.push(text) - 1 : APART + apart.push(text) - 1
  let at = 0
  let shared: CrossingDelivery | undefined
  let payloadPlace = 0
  for (const delivery of deliveries) {
    if (shared?.payload !== delivery.payload) payloadPlace = place(delivery.payload)
    shared = delivery
    names.push(delivery.deliveryId, delivery.traceparent)
    numbers[at] = delivery.slot
    numbers[at + 1] = delivery.webhook
    numbers[at + 2] = payloadPlace
    numbers[at + 3] = place(delivery.context)
    at += DELIVERY_NUMBERS
  }
  return { numbers, names: packTexts(names), texts: packTexts(texts), apart }
}

/** Gives what {@link packDeliveries} packed, one after the other; a shared payload is the same string object each time. */
export function* unpackDeliveries({ numbers, names, texts, apart }: PackedDeliveries): Iterable<CrossingDelivery> {
  const textOf = (place: number): string => (place < APART ? textAt(texts, place) : (apart[place - APART] ?? ''))
  let payloadPlace = -1
  let payload = ''
  const count = numbers.length / DELIVERY_NUMBERS
  for (let index = 0; index < count; index += 1) {
    const at = index * DELIVERY_NUMBERS
    const place = numbers[at + 2] ?? 0
    if (place !== payloadPlace) {
      payloadPlace = place
      payload = textOf(place)
    }
    yield {
      slot: numbers[at] ?? 0,
      webhook: numbers[at + 1] ?? 0,
      deliveryId: textAt(names, index * DELIVERY_NAMES),
      traceparent: textAt(names, index * DELIVERY_NAMES + 1),
      payload,
      context: textOf(numbers[at + 3] ?? 0),
    }
  }
}

/** Packs outcomes. */
export function packOutcomes(outcomes: readonly CrossingOutcome[]): PackedOutcomes {
  const numbers = new Float64Array(outcomes.length * OUTCOME_NUMBERS)
  const texts: string[] = []
  let at = 0
  for (const { slot, outcome } of outcomes) {
    numbers[at] = slot
    numbers[at + 1] = RESULTS.indexOf(outcome.result)
    numbers[at + 2] = outcome.reason === '' ? 0 : REASONS.indexOf(outcome.reason) + 1
    numbers[at + 3] = outcome.status
    numbers[at + 4] = outcome.startedAtMs
    numbers[at + 5] = outcome.durationMs
    numbers[at + 6] = outcome.bytes
    writePhases(numbers, at + FIRST_PHASE, outcome.phases)
    texts.push(outcome.detail, outcome.retryAfter, outcome.excerpt)
    at += OUTCOME_NUMBERS
  }
  return { numbers, texts: packTexts(texts) }
}

/** Gives what {@link packOutcomes} packed. */
export function unpackOutcomes({ numbers, texts }: PackedOutcomes): readonly CrossingOutcome[] {
  const outcomes: CrossingOutcome[] = []
  let text = 0
  for (let at = 0; at < numbers.length; at += OUTCOME_NUMBERS) {
    const outcome: Outcome = {
      result: RESULTS[numbers[at + 1] ?? 0] ?? 'failure',
      startedAtMs: numbers[at + 4] ?? 0,
      durationMs: numbers[at + 5] ?? 0,
      status: numbers[at + 3] ?? 0,
      reason: reasonAt(numbers[at + 2] ?? 0),
      detail: textAt(texts, text),
      retryAfter: textAt(texts, text + 1),
      bytes: numbers[at + 6] ?? 0,
      excerpt: textAt(texts, text + 2),
      phases: readPhases(numbers, at + FIRST_PHASE),
    }
    outcomes.push({ slot: numbers[at] ?? 0, outcome })
    text += OUTCOME_TEXTS
  }
  return outcomes
}

function packTexts(texts: readonly string[]): PackedTexts {
  const ends = new Uint32Array(texts.length)
  let end = 0
  for (let index = 0; index < texts.length; index += 1) {
    end += texts[index]?.length ?? 0
    ends[index] = end
  }
  return { joined: texts.join(''), ends }
}

function textAt({ joined, ends }: PackedTexts, place: number): string {
  return joined.slice(place === 0 ? 0 : ends[place - 1], ends[place])
}

function reasonAt(number: number): Reason | '' {
  return number === 0 ? '' : (REASONS[number - 1] ?? 'internal')
}
