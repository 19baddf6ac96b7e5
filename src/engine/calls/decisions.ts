/**
 * Decisions of the last hour, so that a call can be explained while people still ask about it. In memory alone: they hold what
 * callers said and entered, and a restart forgets them. Invariant: an invoke waits for nothing of this; it leaves a reference,
 * which is written out in a later turn of the loop, and what is kept is bounded in number of bytes whatever comes.
 */
import { ANSWER_EXCERPT_BYTES } from '../../model/answer.ts'
import type { Exchange } from '../../model/attempt.ts'
import type { DataPoints } from '../../model/data.ts'
import type { Decision } from '../../model/decision.ts'
import { type CallEvent, textOfData } from '../../model/event.ts'
import type { AttemptSummary } from '../../model/results.ts'
import type { PlannedWebhook } from '../plan/plan.ts'
import type { Steps } from '../slices.ts'
import { type TextPlace, TextRoom } from './text-room.ts'

/** Contract, section 3, `GET /v1/calls/{subject}`. */
const KEPT_MS = 3_600_000

/**
 * Most bytes of all decisions together, those erased included while older ones are kept; beyond it the oldest go before their
 * hour: some 50,000 of usual size.
 */
const LIMIT_BYTES = 67_108_864

/** Most bytes of an event's data that are kept with a decision; of larger ones the decision alone. */
const DATA_LIMIT_BYTES = 65_536

/** About what a decision takes beside its texts. */
const RECORD_BYTES = 500

/** Has no state from one text to the next. */
const UTF8 = new TextDecoder()

/** Decisions that wait to be written; beyond it the engine has better things to do. */
const WAITING_LIMIT = 1024

/** How long the first that waits does: written one at a time, each when the code has left the caches, they cost a call 5 % more. */
const WRITTEN_AFTER_MS = 25

/** Decisions written in one turn of the loop: less than a millisecond of usual ones. */
const WRITTEN_AT_ONCE = 32

/** One request to one of a webhook's servers; `ended` is absent while its answer has not come. */
export interface ServerTry {
  readonly isFallback: boolean
  readonly startedAtMs: number
  ended?: { readonly decision: Decision; readonly exchange: Exchange }
}

/** A decision at the moment that it is made, with all that led to it. */
export interface MadeDecision {
  /** The invoke's id, in the order of events and other invokes. */
  readonly id: string
  readonly planned: PlannedWebhook
  readonly event: CallEvent
  /** The call's context at the beginning of the invoke. */
  readonly context: DataPoints
  /** The trace that its requests belong to. */
  readonly traceparent: string
  readonly startedAtMs: number
  readonly durationMs: number
  readonly decision: Decision
  readonly attempt: AttemptSummary | undefined
  readonly tries: readonly ServerTry[]
}

/** A decision as it is kept. */
export interface KeptDecision {
  readonly id: string
  readonly account: string
  readonly subject: string
  readonly event: { readonly id: string; readonly source: string; readonly type: string }
  /** As it was then. */
  readonly planned: PlannedWebhook
  readonly startedAtMs: number
  /** Data points and context as JSON text; empty where they are too large to be kept. */
  readonly payload: string
  readonly context: string
  /** JSON text of an object with `decision`, `attempt`, `durationMs` and `tries`, as people are shown it. */
  readonly made: string
  /** For each of the tries whether it was the fallback's. */
  readonly tries: readonly { readonly isFallback: boolean }[]
}

/** A place in the order of making. */
interface Slot {
  readonly key: string
  /** As it was then. */
  readonly planned: PlannedWebhook
  readonly startedAtMs: number
  /** About what it takes: its room comes back when those before it have left, erased or not. */
  readonly bytes: number
  /** Where all else of the decision stands; undefined where it was erased. */
  place: TextPlace | undefined
}

/** See the head of this file. Main thread only. */
export class KeptDecisions {
  readonly #limitBytes: number
  readonly #waiting: MadeDecision[] = []
  /** The oldest first, from `#head`. */
  #slots: Slot[] = []
  #head = 0
  readonly #byCall = new Map<string, Slot[]>()
  readonly #texts = new TextRoom()
  #bytes = 0
  #isPlanned = false

  constructor(limitBytes: number = LIMIT_BYTES) {
    this.#limitBytes = limitBytes
  }

  /** Takes one down, to be written later. A call without a subject can't be asked for. */
  take(made: MadeDecision): void {
    if (made.event.subject === '' || this.#waiting.length >= WAITING_LIMIT) return
    this.#waiting.push(made)
    this.#plan()
  }

  /** Those of a call that are not older than an hour, the newest first. */
  of(account: string, subject: string, nowMs: number): readonly KeptDecision[] {
    this.#write(Number.POSITIVE_INFINITY)
    const slots = this.#byCall.get(keyOf(account, subject)) ?? []
    return slots.flatMap((slot) => (isOld(slot, nowMs) ? [] : this.#read(slot))).reverse()
  }

  /** All that are not older than an hour, the newest first. */
  *latest(nowMs: number): Iterable<KeptDecision> {
    this.#write(Number.POSITIVE_INFINITY)
    for (let index = this.#slots.length - 1; index >= this.#head; index -= 1) {
      const slot = this.#slots[index]
      if (slot === undefined || isOld(slot, nowMs)) return
      yield* this.#read(slot)
    }
  }

  /** Forgets a call's decisions; does nothing where it has none. */
  forget(account: string, subject: string): void {
    this.#write(Number.POSITIVE_INFINITY)
    for (const slot of this.#byCall.get(keyOf(account, subject)) ?? []) this.#empty(slot)
    this.#byCall.delete(keyOf(account, subject))
  }

  /** Forgets decisions that match, with a pause wherever others may have their turn. */
  *forgetWhere(isMeant: (kept: KeptDecision) => boolean): Steps<void> {
    this.#write(Number.POSITIVE_INFINITY)
    for (const [key, slots] of this.#byCall) {
      // A copy: what leaves meanwhile for its age would move the others forward, past where this has looked.
      for (const slot of [...slots]) {
        if (this.#read(slot).some(isMeant)) this.#empty(slot)
        yield
      }
      // Read anew: others may have added to it, or taken from it, meanwhile.
      const left = (this.#byCall.get(key) ?? []).filter(({ place }) => place !== undefined)
      if (left.length === 0) this.#byCall.delete(key)
      else this.#byCall.set(key, left)
    }
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setTimeout(() => this.#writeSome(), WRITTEN_AFTER_MS).unref()
  }

  #writeSome(): void {
    this.#write(WRITTEN_AT_ONCE)
    this.#isPlanned = this.#waiting.length > 0
    if (this.#isPlanned) setImmediate(() => this.#writeSome())
  }

  #write(most: number): void {
    for (const made of this.#waiting.splice(0, most)) {
      const { planned, event, startedAtMs } = made
      const key = keyOf(planned.webhook.account, event.subject)
      const place = this.#texts.put(...textOf(made))
      const slot: Slot = { key, planned, startedAtMs, bytes: RECORD_BYTES + place.end - place.start, place }
      this.#slots.push(slot)
      this.#bytes += slot.bytes
      const ofCall = this.#byCall.get(key)
      if (ofCall === undefined) this.#byCall.set(key, [slot])
      else ofCall.push(slot)
      this.#sweep(startedAtMs)
    }
  }

  #sweep(nowMs: number): void {
    const first = this.#head
    for (; this.#head < this.#slots.length; this.#head += 1) {
      const slot = this.#slots[this.#head]
      if (slot === undefined) continue
      if (slot.place !== undefined && this.#bytes <= this.#limitBytes && !isOld(slot, nowMs)) break
      this.#bytes -= slot.bytes
      if (slot.place === undefined) continue
      this.#empty(slot)
      // The oldest of all is the oldest of its call.
      const ofCall = this.#byCall.get(slot.key)
      if (ofCall === undefined || ofCall.length <= 1) this.#byCall.delete(slot.key)
      else ofCall.shift()
    }
    if (this.#head === first) return
    this.#texts.dropBefore(this.#slots[this.#head]?.place)
    if (this.#head > 1024 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
  }

  /** The decision of a slot, or none where it was erased. */
  #read({ place, planned, startedAtMs }: Slot): readonly KeptDecision[] {
    return place === undefined ? [] : [{ ...keptOf(this.#texts.read(place)), planned, startedAtMs }]
  }

  #empty(slot: Slot): void {
    if (slot.place === undefined) return
    this.#texts.erase(slot.place)
    slot.place = undefined
  }
}

function isOld({ startedAtMs }: Slot, nowMs: number): boolean {
  return nowMs - startedAtMs >= KEPT_MS
}

/**
 * All of a decision but what its slot holds, as lines of JSON text: what tells decisions apart, context, what was made, and data,
 * which may be several as its sender wrote them and are a part of their own.
 */
function textOf(made: MadeDecision): readonly [beforeData: string, data: string] {
  const { id, planned, event, context, durationMs, decision, attempt, tries } = made
  const head = [id, planned.webhook.account, event.subject, event.id, event.source, event.type]
  const payload = textOfData(event)
  const contextText = JSON.stringify(context)
  const isKept = payload.length + contextText.length <= DATA_LIMIT_BYTES
  const shown = { decision, durationMs: rounded(durationMs), attempt, tries: tries.map(shownTry) }
  const fallbacks = tries.map(({ isFallback }) => isFallback)
  const headText = JSON.stringify([head, fallbacks])
  return [`${headText}\n${isKept ? contextText : ''}\n${JSON.stringify(shown)}\n`, isKept ? payload : '']
}

/** The reverse of {@link textOf}. */
function keptOf(text: string): Omit<KeptDecision, 'planned' | 'startedAtMs'> {
  const [head = '', context = '', made = '', ...payloadLines] = text.split('\n')
  const payload = payloadLines.join('\n')
  const [[id, account, subject, eventId, source, type], fallbacks]: Head = JSON.parse(head)
  const event = { id: eventId, source, type }
  return { id, account, subject, event, payload, context, made, tries: fallbacks.map((isFallback) => ({ isFallback })) }
}

type Head = readonly [
  of: readonly [id: string, account: string, subject: string, eventId: string, source: string, type: string],
  fallbacks: readonly boolean[],
]

/** As an attempt of a delivery is shown. */
function shownTry({ isFallback, startedAtMs, ended }: ServerTry): object {
  const time = new Date(startedAtMs).toISOString()
  const begun = isFallback ? { time, fallback: true } : { time }
  if (ended === undefined) return begun
  const { decision, exchange } = ended
  const { status, bytes, phases } = exchange
  const durationMs = rounded(exchange.durationMs)
  const answer = exchange.kind === 'answered' ? excerptOf(exchange.body) : ''
  return decision.kind === 'backup'
    ? { ...begun, status, durationMs, bytes, reason: decision.reason, error: decision.detail, phases, answer }
    : { ...begun, status, durationMs, bytes, phases, answer }
}

function excerptOf(body: Uint8Array): string {
  return UTF8.decode(body.length > ANSWER_EXCERPT_BYTES ? body.subarray(0, ANSWER_EXCERPT_BYTES) : body)
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 10) / 10
}

function keyOf(account: string, subject: string): string {
  return `${account}\n${subject}`
}
