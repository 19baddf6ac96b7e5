/**
 * Label values with a limit: each new name gets the next row, past the limit all further ones share the row `other`.
 * Invariant: a name keeps its row for good, and no two rows show the same text, so a scrape never has a series twice.
 * Used for everything that comes from outside: webhooks, endpoints, event types, routes.
 */

/** Text of the shared row. */
export const OTHER = 'other'

/** Longest name that gets a row of its own, in UTF-16 units: an origin with a full host name (253, RFC 1035) and a digest. */
export const NAME_LIMIT = 350

/** Names by row, from 0; the row `limit` is `other`. */
export class BoundedLabels {
  readonly #rows = new Map<string, number>()
  readonly #names: string[] = []
  readonly #limit: number

  /** @param limit names with a row of their own, from 1 */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Rows in use, without `other`. */
  get size(): number {
    return this.#names.length
  }

  /** Names by row. */
  get names(): readonly string[] {
    return this.#names
  }

  /** The shared row's number. */
  get otherRow(): number {
    return this.#limit
  }

  /**
   * The row of `name`, a new one where it has none yet. Shared are also: the name `other` itself, names longer than
   * {@link NAME_LIMIT}, and text with lone surrogates, of which UTF-8 would make the same replacement character.
   */
  rowOf(name: string): number {
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const isFull = this.#names.length >= this.#limit
    if (isFull || name === OTHER || name.length > NAME_LIMIT || !name.isWellFormed()) return this.#limit
    const row = this.#names.length
    this.#rows.set(name, row)
    this.#names.push(name)
    return row
  }

  /** The name shown for `row`. */
  nameOf(row: number): string {
    return this.#names[row] ?? OTHER
  }

  /** The name shown for `name`: itself, or `other`. */
  shown(name: string): string {
    return this.nameOf(this.rowOf(name))
  }

  /** All rows in use, `other` last. */
  *rows(): Generator<number, void, undefined> {
    for (let row = 0; row < this.#names.length; row += 1) yield row
    yield this.#limit
  }
}
