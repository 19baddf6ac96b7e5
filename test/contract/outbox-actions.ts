/**
 * The random sequences that `outbox-property.ts` drives an outbox through, as plain data: what is picked is an index, and
 * times are relative, so that any part of a sequence is a sequence too and a failing one shrinks to what matters.
 */
import fc from 'fast-check'
import type { Settlement } from '../../src/outbox/contract.ts'

export const WEBHOOKS: readonly string[] = ['a', 'b', 'c', 'd']
const SOURCES: readonly string[] = ['/switch', '/other']
const ACCOUNTS: readonly string[] = ['default', 'acme']
/** Few, so that duplicates are frequent. */
const EVENT_IDS: readonly string[] = ['e0', 'e1', 'e2', 'e3']
/** The empty one is no call, and has no order. */
const REAL_CALLS: readonly string[] = ['call-1', 'call-2']
const CALLS: readonly string[] = ['', ...REAL_CALLS]
export const TABLES: readonly string[] = ['circuits', 'contexts']

/** An event to accept; all but its key, which the run counts. */
export interface EventShape {
  readonly id: string
  readonly source: string
  readonly account: string
  readonly hasOwnId: boolean
  readonly call: string
  readonly context: string
  readonly deliveries: readonly { readonly webhook: string; readonly delayMs: number; readonly ordered: boolean }[]
}

/** Which delivery is meant: the `index`-th, modulo their number, of those leased, ended, or all; or one that never was. */
export interface Pick {
  readonly among: 'leased' | 'ended' | 'all' | 'unknown'
  readonly index: number
}

/** How a picked delivery is settled. */
export interface SettlementShape {
  readonly pick: Pick
  readonly to: Settlement['to']
  readonly uses: 'attempt' | 'crash' | 'none'
  readonly delayMs: number
  readonly hasRecord: boolean
}

/** One step over ended deliveries; it begins behind the `afterIndex`-th of all. */
export interface StepShape {
  readonly state: 'delivered' | 'dead'
  readonly accounts: readonly string[] | undefined
  readonly afterIndex: number | undefined
  readonly limit: number
}

/** Whose data is erased: an account's call, or the caller of the events with an id. */
export interface EraseShape {
  readonly of:
    | { readonly kind: 'call'; readonly account: string; readonly call: string }
    | { readonly kind: 'number'; readonly id: string }
  readonly accounts: readonly string[] | undefined
  readonly isDryRun: boolean
}

/** A call that changes the outbox durably. Times that end in `AfterMs` count from the time of the action. */
export type Write =
  | { readonly kind: 'accept'; readonly events: readonly EventShape[] }
  | { readonly kind: 'settle'; readonly settlements: readonly SettlementShape[] }
  | { readonly kind: 'retry'; readonly pick: Pick }
  | ({
      readonly kind: 'replay'
      readonly webhook: string
      readonly sinceAfterMs: number
      readonly untilAfterMs: number
    } & StepShape)
  | ({
      readonly kind: 'forget'
      readonly webhook: string | undefined
      readonly beforeAfterMs: number
    } & StepShape)
  | { readonly kind: 'expire'; readonly webhook: string; readonly beforeAfterMs: number; readonly limit: number }
  | { readonly kind: 'remove-webhook'; readonly webhook: string; readonly limit: number }
  | ({ readonly kind: 'erase' } & EraseShape)

/** One step of a run. */
export type Action =
  | Write
  /** Writes called one after the other without waiting for any, then waited for: they take effect in this order. */
  | { readonly kind: 'together'; readonly writes: readonly Write[] }
  | { readonly kind: 'wait'; readonly ms: number }
  /** A backlog of one webhook, due now. */
  | { readonly kind: 'flood'; readonly webhook: string; readonly count: number }
  /** `room`: how many of each webhook may go out; the first refusal parks it. */
  | { readonly kind: 'claim'; readonly limit: number; readonly room: Readonly<Record<string, number>> }
  | { readonly kind: 'unpark'; readonly webhook: string }
  | {
      readonly kind: 'purge'
      readonly state: 'delivered' | 'dead'
      readonly beforeAfterMs: number
      readonly limit: number
    }
  /** The same in small steps. */
  | ({ readonly kind: 'erase-stepwise'; readonly limit: number } & EraseShape)
  | { readonly kind: 'note'; readonly table: string; readonly key: string; readonly text: string | undefined }
  | { readonly kind: 'flush' }
  | {
      readonly kind: 'find'
      readonly limit: number
      readonly webhook: string | undefined
      readonly state: 'pending' | 'delivered' | 'dead' | undefined
      readonly event: string | undefined
      readonly call: string | undefined
      readonly accounts: readonly string[] | undefined
    }
  | { readonly kind: 'get'; readonly pick: Pick }
  | { readonly kind: 'reopen'; readonly how: 'crash' | 'close' }

const HOUR_MS = 3_600_000

/** Room for whatever is asked. */
const PLENTY = 1_000_000

/** The most that a step may touch. */
const PLENTY_OF_STEP = 1000

const webhook = fc.constantFrom(...WEBHOOKS)
const account = fc.constantFrom(...ACCOUNTS)
const endState = fc.constantFrom('delivered', 'dead')
const index = fc.nat({ max: 40 })
const pick: fc.Arbitrary<Pick> = fc.record({
  among: fc.constantFrom('ended', 'ended', 'leased', 'all', 'all', 'unknown'),
  index,
})
const leasedPick: fc.Arbitrary<Pick> = fc.record({
  among: fc.constantFrom('leased', 'leased', 'leased', 'leased', 'all', 'unknown'),
  index,
})
const delayMs = fc.constantFrom(0, 0, 0, 1, 2, 1000, HOUR_MS, -1, -1000)
/** Around the action's own time, so that both sides of each bound are met. */
const afterMs = fc.constantFrom(0, 1, 2, 1001, 25 * HOUR_MS, -1, -1000, -HOUR_MS, -25 * HOUR_MS)
const limit = fc.integer({ min: 1, max: 6 })

const removeLimit = fc.oneof(limit, fc.constant(PLENTY))

/** Mostly all of them at once: what a step leaves out is tried often enough. */
const step = {
  state: endState,
  accounts: fc.option(fc.subarray([...ACCOUNTS]), { nil: undefined, freq: 3 }),
  afterIndex: fc.option(index, { nil: undefined, freq: 3 }),
  limit: fc.oneof(limit, fc.constantFrom(PLENTY_OF_STEP, PLENTY_OF_STEP)),
}

const event: fc.Arbitrary<EventShape> = fc.record({
  id: fc.constantFrom(...EVENT_IDS),
  source: fc.constantFrom(...SOURCES),
  account,
  hasOwnId: fc.boolean(),
  call: fc.constantFrom(...CALLS),
  context: fc.constantFrom('', '{"step":1}'),
  deliveries: fc.array(fc.record({ webhook, delayMs, ordered: fc.boolean() }), { maxLength: 5 }),
})

const settlement: fc.Arbitrary<SettlementShape> = fc.record({
  pick: leasedPick,
  to: fc.constantFrom('delivered', 'dead', 'again', 'again'),
  uses: fc.constantFrom('attempt', 'crash', 'none'),
  delayMs,
  hasRecord: fc.boolean(),
})

const erasure = {
  of: fc.oneof(
    fc.record({ kind: fc.constant('call' as const), account, call: fc.constantFrom(...REAL_CALLS) }),
    fc.record({ kind: fc.constant('number' as const), id: fc.constantFrom(...EVENT_IDS) }),
  ),
  accounts: fc.option(fc.subarray([...ACCOUNTS]), { nil: undefined, freq: 3 }),
  isDryRun: fc.constantFrom(false, false, false, true),
}

const kind = <const K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('accept'), events: fc.array(event, { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kind('settle'),
      settlements: fc.array(settlement, { minLength: 1, maxLength: 8, size: 'max' }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('retry'), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('replay'),
      webhook,
      sinceAfterMs: afterMs,
      untilAfterMs: afterMs,
      ...step,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('forget'),
      webhook: fc.option(webhook, { nil: undefined }),
      beforeAfterMs: afterMs,
      ...step,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('expire'), webhook, beforeAfterMs: afterMs, limit }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove-webhook'), webhook, limit: removeLimit }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('erase'), ...erasure }) },
)

const waitMs = fc.constantFrom(1, 1, 2, 1000, HOUR_MS, 24 * HOUR_MS - 1, 24 * HOUR_MS, -1, -1000, -25 * HOUR_MS)
const room = fc.constantFrom(PLENTY, PLENTY, PLENTY, 0, 1, 3)

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 24, arbitrary: write },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('together'), writes: fc.array(write, { minLength: 2, maxLength: 5 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: kind('wait'), ms: waitMs }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('flood'), webhook, count: fc.integer({ min: 1, max: 150 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: kind('claim'),
      limit: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 9, max: 200 })),
      room: fc.record({ a: room, b: room, c: room, d: room }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('unpark'), webhook }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('erase-stepwise'), limit, ...erasure }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('purge'), state: endState, beforeAfterMs: afterMs, limit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('note'),
      table: fc.constantFrom(...TABLES),
      key: fc.constantFrom('x', 'y', '/'),
      text: fc.constantFrom('', '{"n":1}', 'é', undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('flush') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('find'),
      limit: fc.integer({ min: 1, max: 10 }),
      webhook: fc.option(webhook, { nil: undefined }),
      state: fc.option(fc.constantFrom('pending', 'delivered', 'dead'), { nil: undefined }),
      event: fc.option(fc.constantFrom(...EVENT_IDS), { nil: undefined }),
      call: fc.option(fc.constantFrom(...REAL_CALLS), { nil: undefined }),
      accounts: fc.option(fc.subarray([...ACCOUNTS]), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('get'), pick }) },
)

const reopen: fc.Arbitrary<Action> = fc.record({ kind: kind('reopen'), how: fc.constantFrom('crash', 'close') })

/** Sequences of up to 60 actions; with `canReopen` also of crashes and clean restarts. */
export function actionsOf(canReopen: boolean): fc.Arbitrary<Action[]> {
  const one = canReopen ? fc.oneof({ weight: 20, arbitrary: action }, { weight: 1, arbitrary: reopen }) : action
  return fc.array(one, { minLength: 1, maxLength: 60, size: 'max' })
}
