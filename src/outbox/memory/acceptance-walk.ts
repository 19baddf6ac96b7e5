/**
 * Steps over deliveries in the order accepted, for the back end in memory: a step that follows the one before goes on where
 * that ended, so that many small steps cost one walk. Keeps only a place in the map that it is given.
 */

/** The first deliveries of a map that match, step by step. */
export class AcceptanceWalk<T extends { readonly id: string }> {
  readonly #entries: ReadonlyMap<string, T>
  #place: Iterator<T> | undefined
  /** The id that {@link #place} has just passed. */
  #passed = ''

  /** `entries` stand in the order accepted, as a map does that they are added to. */
  constructor(entries: ReadonlyMap<string, T>) {
    this.#entries = entries
  }

  /** At most `limit` of those whose ids come after `after`. */
  take(after: string | undefined, limit: number, isWanted: (entry: T) => boolean): T[] {
    const isContinued = this.#place !== undefined && after === this.#passed
    const place = isContinued && this.#place !== undefined ? this.#place : this.#entries.values()
    const taken: T[] = []
    while (taken.length < limit) {
      const { value, done } = place.next()
      if (done === true) break
      if ((isContinued || after === undefined || comesAfter(value.id, after)) && isWanted(value)) taken.push(value)
    }
    this.#place = taken.length === limit ? place : undefined
    this.#passed = taken.at(-1)?.id ?? ''
    return taken
  }
}

/** Whether the delivery `id` was accepted after `other`: by the keys of their events, then by their indexes. */
function comesAfter(id: string, other: string): boolean {
  const [key = '', index = ''] = id.split('-')
  const [otherKey = '', otherIndex = ''] = other.split('-')
  return key === otherKey ? Number(index) > Number(otherIndex) : key > otherKey
}
