/**
 * Call contexts: what answers have set for a call - variables, user parameters, pass-through data - kept under account and
 * subject for an hour after the last use. The next event of the call finds it as data points. Values are replaced, never
 * changed: who has one in hand keeps what it saw. Invariant: what is kept is bounded in bytes, whatever customers' servers answer.
 */
import { type DataPoints, type DataValue, isDataObject, NO_DATA } from '../../model/data.ts'
import type { Decision } from '../../model/decision.ts'
import { type Linked, LinkedList } from '../../model/linked-list.ts'
import { parseOwnJson } from '../../model/own-json.ts'
import type { Steps } from '../slices.ts'

/** Contract, "Call context". */
const KEPT_MS = 3_600_000

/** Most that is remembered at a time; beyond it the calls longest unused go first. */
export interface ContextLimits {
  readonly calls: number
  /** Of all calls together, about. */
  readonly bytes: number
  /** Of one call, about; beyond it the call keeps what its last answer has set alone. */
  readonly bytesOfCall: number
}

/** A million calls of half a KiB. An answer has 64 KiB at most, and few calls have more than a handful of variables. */
const LIMITS: ContextLimits = { calls: 1_000_000, bytes: 536_870_912, bytesOfCall: 262_144 }

/** About what a call and a data point take beside their texts. */
const CALL_BYTES = 200
const POINT_BYTES = 64

/** Calls that have outlived their hour and go with each record, at most. */
const SWEPT_AT_ONCE = 8

/** How long after the last note of its use a call that is only read is noted again. */
const NOTED_AGAIN_AFTER_MS = 600_000

/** Where contexts come from at start and go to, so that they outlive the process; by default nowhere. */
export interface ContextStore {
  readonly kept: Iterable<readonly [key: string, context: { readonly points: DataPoints; readonly usedAtMs: number }]>
  /** Keeps a context, its points as JSON text, or with undefined forgets it; behind the caller's back, never waited for. */
  readonly keep: (key: string, context: { readonly text: string; readonly usedAtMs: number } | undefined) => void
}

/** A call that has a context. */
export interface KeptCall {
  readonly account: string
  readonly subject: string
  readonly points: () => DataPoints
}

/** A call's points, as JSON text, or as both once both were asked for. */
interface Kept extends Linked<Kept> {
  readonly key: string
  points: DataPoints | undefined
  text: string | undefined
  bytes: number
  usedAtMs: number
  notedAtMs: number
}

/** See the head of this file. Main thread only. */
export class CallContexts {
  readonly #calls = new Map<string, Kept>()
  /** The same, least recently used first. */
  readonly #byUse = new LinkedList<Kept>()
  readonly #limits: ContextLimits
  readonly #keep: ContextStore['keep']
  #bytes = 0

  constructor(store: ContextStore = { kept: [], keep: () => undefined }, limits: Partial<ContextLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
    this.#keep = store.keep
    const byUse = [...store.kept].sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs)
    for (const [key, { points, usedAtMs }] of byUse) {
      this.#set(this.#add(key), { points, text: undefined, bytes: bytesOf(points), atMs: usedAtMs })
    }
  }

  get size(): number {
    return this.#calls.size
  }

  /** The call's context for people to look at, which is no use of it; undefined where there is none. */
  peek(account: string, subject: string, nowMs: number): DataPoints | undefined {
    const kept = this.#calls.get(keyOf(account, subject))
    return kept !== undefined && isYoung(kept, nowMs) ? pointsOf(kept) : undefined
  }

  /** The call's context; empty where there is none. Counts as a use. */
  read(account: string, subject: string, nowMs: number): DataPoints {
    const kept = this.#use(account, subject, nowMs)
    return kept === undefined ? NO_DATA : pointsOf(kept)
  }

  /** The same as JSON text; empty where there is none. */
  readText(account: string, subject: string, nowMs: number): string {
    const kept = this.#use(account, subject, nowMs)
    if (kept === undefined) return ''
    return textOf(kept)
  }

  /** Remembers what `decision` sets for the call. A call without a subject has no context. */
  record(account: string, subject: string, decision: Decision, nowMs: number): void {
    if (subject === '') return
    const key = keyOf(account, subject)
    const before = this.#known(key, nowMs)
    const set = pointsSetBy(decision)
    const all = before === undefined ? set : { ...pointsOf(before), ...set }
    const bytesOfAll = bytesOf(all)
    const isTooMuch = bytesOfAll > this.#limits.bytesOfCall
    // As text alone: most calls have no next event, and parts of an answer would keep all of that in memory.
    const text = JSON.stringify(isTooMuch ? set : all)
    // The text may be the longer of the two: a control character has six of its own.
    const bytes = Math.max(isTooMuch ? bytesOf(set) : bytesOfAll, CALL_BYTES + 2 * text.length)
    this.#set(before ?? this.#add(key), { points: undefined, text, bytes, atMs: nowMs })
    this.#keep(key, { text, usedAtMs: nowMs })
    this.#sweep(nowMs)
  }

  /** Forgets a call's context; does nothing where it has none. */
  forget(account: string, subject: string): void {
    const kept = this.#calls.get(keyOf(account, subject))
    if (kept !== undefined) this.#forget(kept)
  }

  /** Forgets the contexts that match, with a pause wherever others may have their turn. */
  *forgetWhere(isMeant: (call: KeptCall) => boolean): Steps<void> {
    for (const [key, kept] of this.#calls) {
      const [account = '', ...rest] = key.split('\n')
      const subject = rest.join('\n')
      // Read when it is looked at, and not kept: walking all must not double what they take.
      const call: KeptCall = { account, subject, points: () => kept.points ?? parsed(kept.text) }
      if (isMeant(call)) this.forget(account, subject)
      yield
    }
  }

  #add(key: string): Kept {
    const kept: Kept = {
      key,
      points: undefined,
      text: undefined,
      bytes: 0,
      usedAtMs: 0,
      notedAtMs: 0,
      previous: undefined,
      next: undefined,
    }
    this.#calls.set(key, kept)
    this.#byUse.push(kept)
    return kept
  }

  /** What a call has from now on; one of `points` and `text` is there. */
  #set(kept: Kept, { points, text, bytes, atMs }: Pick<Kept, 'points' | 'text' | 'bytes'> & { atMs: number }): void {
    this.#bytes += bytes - kept.bytes
    kept.points = points
    kept.text = text
    kept.bytes = bytes
    kept.notedAtMs = atMs
    this.#used(kept, atMs)
  }

  #used(kept: Kept, nowMs: number): void {
    kept.usedAtMs = nowMs
    this.#byUse.remove(kept)
    this.#byUse.push(kept)
  }

  #forget(kept: Kept): void {
    this.#bytes -= kept.bytes
    this.#calls.delete(kept.key)
    this.#byUse.remove(kept)
    this.#keep(kept.key, undefined)
  }

  #use(account: string, subject: string, nowMs: number): Kept | undefined {
    // Where nothing is ever set, as without live calls, events shall not pay for making a key.
    if (subject === '' || this.#calls.size === 0) return undefined
    const kept = this.#known(keyOf(account, subject), nowMs)
    if (kept === undefined) return undefined
    this.#used(kept, nowMs)
    if (nowMs - kept.notedAtMs >= NOTED_AGAIN_AFTER_MS) {
      kept.notedAtMs = nowMs
      this.#keep(kept.key, { text: textOf(kept), usedAtMs: nowMs })
    }
    return kept
  }

  /** What is kept under `key`, which is forgotten where its hour is over. */
  #known(key: string, nowMs: number): Kept | undefined {
    const kept = this.#calls.get(key)
    if (kept === undefined || isYoung(kept, nowMs)) return kept
    this.#forget(kept)
    return undefined
  }

  /** Forgets the calls longest unused: as many as have no room, and some of those whose hour is over. */
  #sweep(nowMs: number): void {
    const { calls, bytes } = this.#limits
    let left = SWEPT_AT_ONCE
    for (let oldest = this.#byUse.first; oldest !== undefined; oldest = this.#byUse.first) {
      const isRoomNeeded = this.#calls.size > calls || this.#bytes > bytes
      if (!isRoomNeeded && (left === 0 || isYoung(oldest, nowMs))) return
      this.#forget(oldest)
      left = Math.max(0, left - 1)
    }
  }
}

/** What a decision makes known to the call's next events. */
function pointsSetBy(decision: Decision): Record<string, DataValue> {
  const status = decision.kind === 'backup' ? `backup ${decision.reason}` : decision.kind
  switch (decision.kind) {
    case 'next-action':
      // One without pass-through data empties what the action before it set (contract, "Call context").
      return {
        ...decision.userParameters,
        ivr_pass_through: decision.passThrough ?? '',
        netget_status: status,
      }
    case 'set-variables':
      return { ...decision.variables, netget_status: status }
    case 'speak':
    case 'redirect':
    case 'disconnect':
    case 'continue':
    case 'backup':
      return { netget_status: status }
  }
}

function textOf(kept: Kept): string {
  kept.text ??= JSON.stringify(kept.points)
  return kept.text
}

function pointsOf(kept: Kept): DataPoints {
  kept.points ??= parsed(kept.text)
  return kept.points
}

function parsed(text = '{}'): DataPoints {
  const points = parseOwnJson(text)
  return isDataObject(points) ? points : NO_DATA
}

function isYoung({ usedAtMs }: Kept, nowMs: number): boolean {
  return nowMs - usedAtMs < KEPT_MS
}

/** About what they take, at two bytes a character; what answers set does not nest. */
function bytesOf(points: DataPoints): number {
  let bytes = CALL_BYTES
  for (const name of Object.keys(points)) {
    const value = points[name]
    bytes += POINT_BYTES + 2 * (name.length + (typeof value === 'string' ? value.length : 0))
  }
  return bytes
}

function keyOf(account: string, subject: string): string {
  return `${account}\n${subject}`
}
