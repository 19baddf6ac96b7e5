/**
 * What the API asks of the management, and what comes of it: values, all that can be expected among them.
 */
import type { Kind } from '../config/kinds.ts'
import type { Conditions } from './conditions.ts'
import type { EntryView, ShownMistake } from './view.ts'

/** Accounts that a caller is for. */
export type Accounts = readonly string[] | 'all'

/** Asks for a page of entries. */
export interface ListRequest {
  readonly kind: Kind
  readonly accounts: Accounts
  /** 1 to 1,000. */
  readonly limit: number
  /** `next` of the page before; absent: from the first. */
  readonly cursor?: string
}

/** Entries in the order of their ids: as many as were asked for, fewer where they are large. */
export interface EntryPage {
  readonly entries: readonly EntryView[]
  /** Where the next page begins; absent: there is none. */
  readonly next?: string
}

/** Names an entry. */
export interface EntryRequest {
  readonly kind: Kind
  readonly id: string
  readonly accounts: Accounts
}

/** Takes an entry of the API away. */
export interface RemoveRequest extends EntryRequest {
  readonly conditions: Conditions
}

/** Puts an entry of the API in force. */
export interface PutRequest extends RemoveRequest {
  /** Plain, or with mappings as `Map` where their order counts. */
  readonly value: unknown
}

/** Something that would not fit any more, or that a name stands in. */
export interface Use {
  readonly kind: Kind
  readonly id: string
  readonly detail: string
}

/** What stands in the way. */
export type Refused =
  /** Also where it is another account's. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'precondition-failed' }
  /** Mistakes of what was sent. */
  | { readonly kind: 'invalid'; readonly mistakes: readonly ShownMistake[] }
  | { readonly kind: 'forbidden'; readonly detail: string }
  /** The state does not allow it; `uses` are at most {@link SHOWN_USES}, `total` how many there are. */
  | { readonly kind: 'conflict'; readonly detail: string; readonly uses: readonly Use[]; readonly total: number }

/** What came of a change; nothing of a refused one is kept. `unchanged`: the API says the very same already. */
export type ChangeResult =
  | { readonly kind: 'created' | 'replaced' | 'unchanged'; readonly entry: EntryView }
  /** `entry` is the file's, which is back in force; absent: there is none. */
  | { readonly kind: 'deleted'; readonly entry?: EntryView }
  | Refused

/** All sections of the configuration but the three lists, as the file has them. */
export interface SectionsView {
  /** Another one after every change: what was read in parts between two of the same belongs together. */
  readonly revision: string
  readonly config: Readonly<Record<string, unknown>>
}

/** Most uses that an answer lists. */
export const SHOWN_USES = 100
