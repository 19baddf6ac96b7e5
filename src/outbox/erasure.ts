/**
 * The part of the outbox contract that is about erasing what is kept of a caller. Each {@link EraseCommand} is one step of a walk
 * over the events, in the order that suits the back end: a small record of its own, so that others come between two of them.
 * What is accepted while the walk goes on may be met or not.
 */
import { SwitchhookError } from '../errors.ts'
import { compileNumberMatch, holdsNumber, NUMBER_RULE } from '../policy/telephone-number.ts'

/** Whose data: all of a call, or every event with this telephone number; see `policy/telephone-number.ts` for what matches. */
export type ErasureSubject =
  | { readonly kind: 'call'; readonly subject: string }
  /** Looked for in the event's data, in the call's context that came with it, and in its subject. */
  | { readonly kind: 'number'; readonly number: string }

/**
 * Erases the events that match, with everything kept of them: payload, context, subject, deliveries and their attempts. What
 * tells a duplicate stays for its 24 h, as fingerprints. A pending delivery of such an event is gone, one in flight as soon as
 * it is settled, whatever the settlement says: until then it counts as pending, holds the line of its ordered call, and is
 * neither shown nor touched by any command. After a crash it is gone too.
 */
export interface EraseCommand {
  readonly of: ErasureSubject
  /** Only events of these accounts; absent: of all. */
  readonly accounts?: readonly string[]
  /** True: only counts, changes nothing. */
  readonly isDryRun: boolean
  /** Events to look at in this step, at most: 1 to {@link ERASE_STEP}. */
  readonly limit: number
  /** `next` of the step before; absent: from the beginning. */
  readonly cursor?: string
  readonly atMs: number
}

/** What a step erased; of a dry run what it would have. */
export interface EraseResult {
  readonly events: number
  /** Deliveries of these events. */
  readonly deliveries: number
  /** How many of the deliveries were pending, those in flight included. */
  readonly pending: number
  /** The calls of these events, each once; events without a subject have none. */
  readonly calls: readonly { readonly account: string; readonly subject: string }[]
  /** Where the next step goes on; absent: everything was looked at. */
  readonly next?: string
}

/** Most events that one step looks at: a few milliseconds of work. */
export const ERASE_STEP = 256

/** What of an event decides whether it is erased. */
export interface ErasableEvent {
  readonly account: string
  readonly subject: string
  readonly payload: string
  readonly context: string
}

/** The check of a command: true of the events that it erases. Throws `usage` where its number is none, or its subject empty. */
export function compileErasure({ of, accounts }: EraseCommand): (event: ErasableEvent) => boolean {
  if (of.kind === 'call' && of.subject === '') throw new SwitchhookError('usage', 'a call has a subject')
  const isOf = of.kind === 'call' ? ({ subject }: ErasableEvent) => subject === of.subject : compileNumber(of.number)
  return (event) => (accounts === undefined || accounts.includes(event.account)) && isOf(event)
}

function compileNumber(number: string): (event: ErasableEvent) => boolean {
  const isNumber = compileNumberMatch(number)
  if (isNumber === undefined) throw new SwitchhookError('usage', NUMBER_RULE)
  return ({ subject, payload, context }) =>
    isNumber(subject) || holdsNumber(payload, isNumber) || holdsNumber(context, isNumber)
}

/** Counts what a step erases. */
export class ErasureCount {
  readonly #calls = new Map<string, { readonly account: string; readonly subject: string }>()
  #events = 0
  #deliveries = 0
  #pending = 0

  event({ account, subject }: ErasableEvent): void {
    this.#events += 1
    if (subject !== '') this.#calls.set(JSON.stringify([account, subject]), { account, subject })
  }

  delivery(isPending: boolean): void {
    this.#deliveries += 1
    if (isPending) this.#pending += 1
  }

  result(next: string | undefined): EraseResult {
    const counts = { events: this.#events, deliveries: this.#deliveries, pending: this.#pending }
    const result = { ...counts, calls: [...this.#calls.values()] }
    return next === undefined ? result : { ...result, next }
  }
}
