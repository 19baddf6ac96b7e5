/**
 * Call contexts: what answers have set for a call - variables, user parameters, pass-through data - kept under account and
 * subject for an hour after the last use. The next event of the call finds it as data points. Values are replaced, never
 * changed: who has one in hand keeps what it saw.
 */
import { type DataPoints, type DataValue, NO_DATA } from '../model/data.ts'
import type { Decision } from '../model/decision.ts'
import type { Steps } from './slices.ts'

/** Contract, "Call context". */
const KEPT_MS = 3_600_000

/** Most calls remembered at a time; beyond it the longest unused go first. About 1 KB a call. */
const MAX_CALLS = 1_000_000

/** Records between two looks for calls that have outlived their hour. */
const SWEEP_EVERY = 256

/** How long after the last note of its use a call that is only read is noted again. */
const NOTED_AGAIN_AFTER_MS = 600_000

/** Where contexts come from at start and go to, so that they outlive the process; by default nowhere. */
export interface ContextStore {
  readonly kept: Iterable<readonly [key: string, context: { readonly points: DataPoints; readonly usedAtMs: number }]>
  /** Keeps a context, or with undefined forgets it; behind the caller's back, never waited for. */
  readonly keep: (key: string, context: { readonly points: DataPoints; readonly usedAtMs: number } | undefined) => void
}

/** A call that has a context. */
export interface KeptCall {
  readonly account: string
  readonly subject: string
  readonly points: DataPoints
}

interface Kept {
  readonly points: DataPoints
  /** `points` as JSON text, made when first asked for. */
  text: string | undefined
  usedAtMs: number
  notedAtMs: number
}

/** See the head of this file. Main thread only. */
export class CallContexts {
  /** Least recently used first. */
  readonly #calls = new Map<string, Kept>()
  readonly #maxCalls: number
  readonly #keep: ContextStore['keep']
  #recorded = 0

  constructor(store: ContextStore = { kept: [], keep: () => undefined }, maxCalls: number = MAX_CALLS) {
    this.#maxCalls = maxCalls
    this.#keep = store.keep
    const byUse = [...store.kept].sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs)
    for (const [key, { points, usedAtMs }] of byUse) {
      this.#calls.set(key, { points, text: undefined, usedAtMs, notedAtMs: usedAtMs })
    }
  }

  get size(): number {
    return this.#calls.size
  }

  /** The call's context for people to look at, which is no use of it; undefined where there is none. */
  peek(account: string, subject: string, nowMs: number): DataPoints | undefined {
    const kept = this.#calls.get(keyOf(account, subject))
    return kept !== undefined && nowMs - kept.usedAtMs < KEPT_MS ? kept.points : undefined
  }

  /** The call's context; empty where there is none. Counts as a use. */
  read(account: string, subject: string, nowMs: number): DataPoints {
    return this.#use(account, subject, nowMs)?.points ?? NO_DATA
  }

  /** The same as JSON text; empty where there is none. */
  readText(account: string, subject: string, nowMs: number): string {
    const kept = this.#use(account, subject, nowMs)
    if (kept === undefined) return ''
    kept.text ??= JSON.stringify(kept.points)
    return kept.text
  }

  /** Remembers what `decision` sets for the call. A call without a subject has no context. */
  record(account: string, subject: string, decision: Decision, nowMs: number): void {
    if (subject === '') return
    const points = { ...this.read(account, subject, nowMs), ...pointsSetBy(decision) }
    const key = keyOf(account, subject)
    this.#calls.delete(key)
    this.#calls.set(key, { points, text: undefined, usedAtMs: nowMs, notedAtMs: nowMs })
    this.#keep(key, { points, usedAtMs: nowMs })
    this.#sweep(nowMs)
  }

  /** Forgets a call's context; does nothing where it has none. */
  forget(account: string, subject: string): void {
    const key = keyOf(account, subject)
    if (this.#calls.delete(key)) this.#keep(key, undefined)
  }

  /** Forgets the contexts that match, with a pause wherever others may have their turn. */
  *forgetWhere(isMeant: (call: KeptCall) => boolean): Steps<void> {
    for (const [key, { points }] of this.#calls) {
      const [account = '', ...rest] = key.split('\n')
      const subject = rest.join('\n')
      if (isMeant({ account, subject, points })) this.forget(account, subject)
      yield
    }
  }

  #use(account: string, subject: string, nowMs: number): Kept | undefined {
    if (subject === '') return undefined
    const key = keyOf(account, subject)
    const kept = this.#calls.get(key)
    if (kept === undefined) return undefined
    this.#calls.delete(key)
    if (nowMs - kept.usedAtMs >= KEPT_MS) {
      this.#keep(key, undefined)
      return undefined
    }
    kept.usedAtMs = nowMs
    if (nowMs - kept.notedAtMs >= NOTED_AGAIN_AFTER_MS) {
      kept.notedAtMs = nowMs
      this.#keep(key, { points: kept.points, usedAtMs: nowMs })
    }
    this.#calls.set(key, kept)
    return kept
  }

  /** Now and then, since walking a map from its oldest entry steps over every place where one was. */
  #sweep(nowMs: number): void {
    this.#recorded += 1
    const isOverfull = this.#calls.size > this.#maxCalls
    if (!isOverfull && this.#recorded % SWEEP_EVERY !== 0) return
    const mostKept = this.#maxCalls - Math.floor(this.#maxCalls / SWEEP_EVERY)
    for (const [key, kept] of this.#calls) {
      const isRoomNeeded = isOverfull && this.#calls.size > mostKept
      if (!isRoomNeeded && nowMs - kept.usedAtMs < KEPT_MS) return
      this.#calls.delete(key)
      this.#keep(key, undefined)
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

function keyOf(account: string, subject: string): string {
  return `${account}\n${subject}`
}
