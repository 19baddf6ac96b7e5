/**
 * Entries as the API shows them: as written but for secrets, with where they come from and an etag. Invariant: nothing that is
 * shown tells a secret, the etag neither: it is a digest that nobody can make who has not the key.
 */
import { createHmac } from 'node:crypto'
import type { ItemOf, Kind } from '../config/kinds.ts'
import { withoutSecrets } from '../config/secret-places.ts'
import type { Mistake } from '../profiles/mistake.ts'
import { type Entry, membersOf } from './entry.ts'
import type { Table } from './table.ts'

/** Where an entry in force comes from; `override`: from the API, in the place of the file's. */
export type Origin = 'file' | 'api' | 'override'

/** A mistake that keeps an entry from being used. */
export interface ShownMistake {
  readonly path: string
  readonly detail: string
}

/** One entry. */
export interface EntryView {
  readonly id: string
  /** Not of templates. */
  readonly account?: string
  readonly origin: Origin
  /** Whether events trigger it; of webhooks alone. */
  readonly active?: boolean
  /** Of what is stored, as it stands in `ETag`. */
  readonly etag: string
  /** When the API changed it, as RFC 3339 text; absent where the file has it. */
  readonly changedAt?: string
  readonly revision?: number
  readonly config: Readonly<Record<string, unknown>>
  /** Why it can't be used; absent where it is. */
  readonly mistakes?: readonly ShownMistake[]
}

/** Bytes of a digest in an etag: nobody finds two configurations with the same. */
const ETAG_BYTES = 18

/** Makes etags with one key. */
export class Etags {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  /** Another one after every change, so that nobody can put a guess and see by the etag whether a secret was the same before. */
  of(kind: Kind, { id, layer, text, stamp }: Entry<unknown>): string {
    const digest = createHmac('sha256', this.#key)
      .update(JSON.stringify([kind, layer, id, stamp?.revision, text]))
      .digest()
    return `"${digest.subarray(0, ETAG_BYTES).toString('base64url')}"`
  }
}

/** An entry in force as the API shows it. */
export function viewOf<K extends Kind>(
  kind: K,
  entry: Entry<ItemOf[K]>,
  table: Table<ItemOf[K]>,
  etag: string,
  isActive: (webhook: string) => boolean,
): EntryView {
  const { id, text, stamp, account, item, mistakes } = entry
  const written = membersOf(text)
  return {
    id,
    ...(kind !== 'template' && { account }),
    origin: originOf(entry, table),
    ...(kind === 'webhook' && { active: isActive(id) }),
    etag,
    ...(stamp !== undefined && { changedAt: new Date(stamp.atMs).toISOString(), revision: stamp.revision }),
    config: kind === 'webhook' ? withoutSecrets(written) : written,
    ...(item === undefined && { mistakes: shownMistakes(mistakes) }),
  }
}

/** Mistakes by the paths of what was written. */
export function shownMistakes(mistakes: readonly Mistake[]): readonly ShownMistake[] {
  return mistakes.map(({ path, message, within }) => ({
    path: path.join('.'),
    detail: message,
    ...(within !== undefined && { line: within.line, column: within.column }),
  }))
}

function originOf<Item>({ id, layer }: Entry<Item>, table: Table<Item>): Origin {
  if (layer === 'file') return 'file'
  return table.ofFile(id) === undefined ? 'api' : 'override'
}
