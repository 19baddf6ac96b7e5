/**
 * Erases what is kept of a caller: events with their deliveries in the outbox, call contexts, and decisions. A request works
 * for about half a second, step after step with everything else in between, and tells where the next one goes on. Used by the
 * engine, and by the command line on a store that no engine runs on.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import type { Outbox } from '../../outbox/contract.ts'
import { ERASE_STEP, type EraseCommand, type EraseResult, type ErasureSubject } from '../../outbox/erasure.ts'
import { compileNumberMatch, holdsNumber } from '../../policy/telephone-number.ts'
import type { CallContexts, KeptCall } from '../calls/call-context.ts'
import type { KeptDecision, KeptDecisions } from '../calls/decisions.ts'
import { runInSlices } from '../slices.ts'

/** Whose data, of which accounts. */
export interface EraseRequest {
  readonly of: ErasureSubject
  /** Absent: of all. */
  readonly accounts?: readonly string[]
  /** True: only counts. */
  readonly isDryRun: boolean
  /** `next` of the request before; absent: from the beginning. */
  readonly cursor?: string
}

/** What a request erased, durably; see `EraseResult`. */
export type EraseAnswer = Omit<EraseResult, 'calls'>

/** What erasing works on. */
export interface ErasureParts {
  readonly outbox: Outbox
  readonly contexts: CallContexts
  /** Absent where no engine runs: they are in memory alone. */
  readonly decisions?: KeptDecisions
  readonly clock: Clock
}

/** After so long a request is answered. */
const WORK_MS = 500

/** Carries out one request. Rejects with `usage` where a number is none, `unavailable` where the store can't write. */
export async function eraseCaller(parts: ErasureParts, request: EraseRequest): Promise<EraseAnswer> {
  const { outbox, contexts, decisions, clock } = parts
  const { isDryRun } = request
  const endsAtMs = clock.monotonicMs() + WORK_MS
  const sums = { events: 0, deliveries: 0, pending: 0 }
  let next = request.cursor
  do {
    const result = await outbox.erase(stepOf(request, next, clock.nowMs()))
    if (!isDryRun) {
      for (const { account, subject } of result.calls) {
        contexts.forget(account, subject)
        decisions?.forget(account, subject)
      }
    }
    sums.events += result.events
    sums.deliveries += result.deliveries
    sums.pending += result.pending
    next = result.next
    await nextTurn()
  } while (next !== undefined && clock.monotonicMs() < endsAtMs)
  if (!isDryRun) {
    // Last, so that what events set while they were erased goes too.
    if (next === undefined) {
      await runInSlices(contexts.forgetWhere(contextMatch(request)), () => nextTurn())
      if (decisions !== undefined) await runInSlices(decisions.forgetWhere(decisionMatch(request)), () => nextTurn())
    }
    await outbox.notes.flush()
  }
  return next === undefined ? sums : { ...sums, next }
}

function stepOf({ of, accounts, isDryRun }: EraseRequest, cursor: string | undefined, atMs: number): EraseCommand {
  const command = { of, isDryRun, limit: ERASE_STEP, atMs }
  return {
    ...command,
    ...(accounts === undefined ? {} : { accounts }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

function contextMatch({ of, accounts }: EraseRequest): (call: KeptCall) => boolean {
  const isNumber = of.kind === 'number' ? compileNumberMatch(of.number) : undefined
  return ({ account, subject, points }) => {
    if (accounts !== undefined && !accounts.includes(account)) return false
    if (of.kind === 'call') return subject === of.subject
    return isNumber !== undefined && (isNumber(subject) || isNumber(points()))
  }
}

function decisionMatch({ of, accounts }: EraseRequest): (kept: KeptDecision) => boolean {
  const isNumber = of.kind === 'number' ? compileNumberMatch(of.number) : undefined
  return ({ account, subject, payload, context, made }) => {
    if (accounts !== undefined && !accounts.includes(account)) return false
    if (of.kind === 'call') return subject === of.subject
    if (isNumber === undefined) return false
    return isNumber(subject) || [payload, context, made].some((text) => holdsNumber(text, isNumber))
  }
}
