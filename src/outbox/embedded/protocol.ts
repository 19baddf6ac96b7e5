/**
 * What goes between the main thread and the store's thread. Requests are answered in the order sent (orders and backups
 * excepted, which take many turns), so that an answer describes the store after every earlier answer and before every later.
 */
import type { DeliveryRecord } from '../../model/delivery.ts'
import type { DeliveryPage, DeliveryQuery } from '../contract.ts'
import type { EraseCommand, EraseResult } from '../erasure.ts'
import type { MigrationProgress } from './files/migration.ts'
import type { HashSeed } from './records/hash.ts'
import type { Order } from './thread/commands.ts'
import type { Buried } from './thread/eraser.ts'
import type { DuePage, DuePosition, DueRequest, DueRow, SentEvent } from './thread/questions.ts'

/** Given to the thread when it starts. */
export interface StoreSettings {
  readonly path: string
  /** Free bytes below which nothing new is accepted. */
  readonly reserveBytes: number
}

export type Request =
  /** Changes to apply in one transaction, together with those that arrived meanwhile. */
  | { readonly kind: 'changes'; readonly batch: Uint8Array<ArrayBuffer>; readonly takesEvents: boolean }
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'erase'; readonly command: EraseCommand }
  | { readonly kind: 'due'; readonly request: DueRequest }
  /** Which of these webhooks have something that was due before `dueBeforeMs`? */
  | { readonly kind: 'overdue'; readonly webhooks: readonly number[]; readonly dueBeforeMs: number }
  | { readonly kind: 'find'; readonly query: DeliveryQuery; readonly webhook: number | undefined }
  | { readonly kind: 'get'; readonly id: string; readonly withContent: boolean }
  | { readonly kind: 'backup'; readonly file: string }
  | { readonly kind: 'close' }

/** What one change of a batch came to; `done` is all that is told of webhooks and notes. */
export const OUTCOMES = ['done', 'accepted', 'duplicate', 'no-room', 'ended', 'pending'] as const

/** One of {@link OUTCOMES}: `no-room`: refused, the disk is nearly full; `ended` and `pending`: a settled delivery. */
export type ChangeOutcome = (typeof OUTCOMES)[number]

/** A delivery of an ordered call that may go out now, because the one before it has ended. */
export interface NextOfCall {
  readonly webhook: number
  readonly row: DueRow
  readonly event: SentEvent
}

/** What the changes of a batch came to: a byte each, and for the few that need more a list beside it. */
export interface ChangeResults {
  /** Indexes into {@link OUTCOMES}. */
  readonly outcomes: Uint8Array
  /** Accepted events with deliveries that wait for an earlier one of their call: which. */
  readonly blocked: readonly { readonly change: number; readonly indexes: readonly number[] }[]
  /** What settlements let go. */
  readonly next: readonly NextOfCall[]
}

/** The store's numbers after a transaction. */
export interface StoreFigures {
  readonly pending: number
  readonly delivered: number
  readonly dead: number
  readonly bytes: number
  readonly oldestAcceptedAtMs: number | undefined
  /** How long the transaction took that led to these, in milliseconds; 0: none did. */
  readonly commitMs: number
  /** Webhook numbers and their pending deliveries by turns, those that changed. */
  readonly changed: readonly number[]
}

export type Answer =
  | { readonly kind: 'changes'; readonly results: ChangeResults; readonly figures: StoreFigures }
  | {
      readonly kind: 'order'
      readonly touched: number
      /** Damaged records that it went past. */
      readonly damaged: number
      readonly webhook?: number
      /** Of a step: ids of what was touched first and last; absent where that is nothing. */
      readonly first?: string
      readonly last?: string
    }
  | { readonly kind: 'erase'; readonly result: EraseResult; readonly buried: readonly Buried[] }
  | { readonly kind: 'due'; readonly page: DuePage }
  | { readonly kind: 'overdue'; readonly webhooks: readonly number[] }
  | { readonly kind: 'find'; readonly page: DeliveryPage }
  | { readonly kind: 'get'; readonly record: DeliveryRecord | undefined }
  | { readonly kind: 'backup' }
  | { readonly kind: 'close' }

/** How well the store does; `detail` says what is wrong. */
export interface StoreHealth {
  readonly isWritable: boolean
  readonly detail: string
}

/** What the store's thread sends. */
export type Message =
  | { readonly kind: 'open'; readonly opened: OpenedStore }
  /** Before it is open. */
  | { readonly kind: 'migrating'; readonly progress: MigrationProgress }
  | { readonly kind: 'failed-to-open'; readonly reason: string }
  | { readonly kind: 'answer'; readonly request: number; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly request: number; readonly reason: string }
  | { readonly kind: 'figures'; readonly figures: StoreFigures }
  | { readonly kind: 'released'; readonly released: Released }
  | { readonly kind: 'health'; readonly health: StoreHealth }
  /** Bytes that the store may still use, every few seconds. */
  | { readonly kind: 'free'; readonly bytes: number }

/** Deliveries of ordered calls that may go out now without anybody having asked for anything. */
export interface Released {
  readonly figures: StoreFigures
  readonly next: readonly NextOfCall[]
}

/** What the main thread has to know of a store to begin with. */
export interface OpenedStore {
  readonly seed: HashSeed
  /** Numbers and ids of all webhooks that ever had a delivery. */
  readonly webhooks: readonly (readonly [number: number, id: string])[]
  /** Where the due deliveries of each webhook begin. */
  readonly heads: readonly { readonly webhook: number; readonly position: DuePosition }[]
  readonly figures: StoreFigures
  readonly notes: readonly (readonly [table: string, key: string, text: string])[]
}

/** A request with its number. */
export interface Envelope {
  readonly number: number
  readonly request: Request
}
