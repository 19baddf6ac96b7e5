/**
 * The entries of one kind: what the file has, what the API has, and which of them is in force. Invariant: the API's goes before
 * the file's, id by id, also where it can't be used. Plain state; `layers.ts` keeps what depends on it.
 */
import type { Entry } from './entry.ts'
import { SortedIds } from './sorted-ids.ts'

/** See the head of this file. */
export class Table<Item> {
  readonly #file = new Map<string, Entry<Item>>()
  readonly #api = new Map<string, Entry<Item>>()
  /** Ids whose entry in force can't be used. */
  readonly #unusable = new Set<string>()
  #ids: SortedIds = new SortedIds()

  /** Keeps entries without putting their ids in order: that is done once, by {@link order}. */
  load(entry: Entry<Item>): void {
    this.#layerOf(entry).set(entry.id, entry)
    this.#judge(entry.id)
  }

  /** Puts all ids in order. */
  *order(): Generator<void, void, void> {
    this.#ids = yield* SortedIds.of(this.#owners())
  }

  inForce(id: string): Entry<Item> | undefined {
    return this.#api.get(id) ?? this.#file.get(id)
  }

  ofFile(id: string): Entry<Item> | undefined {
    return this.#file.get(id)
  }

  ofApi(id: string): Entry<Item> | undefined {
    return this.#api.get(id)
  }

  /** All that the API has. */
  get api(): Iterable<Entry<Item>> {
    return this.#api.values()
  }

  get file(): Iterable<Entry<Item>> {
    return this.#file.values()
  }

  get unusable(): Iterable<string> {
    return this.#unusable
  }

  get ids(): SortedIds {
    return this.#ids
  }

  /** From now on this is in force: an entry of the file takes the place of the API's, undefined takes the API's away. */
  put(id: string, entry: Entry<Item> | undefined): void {
    const before = this.inForce(id)
    if (entry?.layer !== 'api') this.#api.delete(id)
    if (entry !== undefined) this.#layerOf(entry).set(id, entry)
    this.#judge(id)
    const after = this.inForce(id)
    if (before !== undefined && before.account !== after?.account) this.#ids.remove(id, before.account)
    if (after !== undefined && before?.account !== after.account) this.#ids.add(id, after.account)
  }

  #layerOf({ layer }: Entry<Item>): Map<string, Entry<Item>> {
    return layer === 'api' ? this.#api : this.#file
  }

  #judge(id: string): void {
    const entry = this.inForce(id)
    if (entry !== undefined && entry.item === undefined) this.#unusable.add(id)
    else this.#unusable.delete(id)
  }

  *#owners(): Iterable<readonly [id: string, account: string]> {
    for (const [id, { account }] of this.#file) if (!this.#api.has(id)) yield [id, account]
    for (const [id, { account }] of this.#api) yield [id, account]
  }
}
