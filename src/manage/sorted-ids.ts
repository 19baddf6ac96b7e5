/**
 * Ids in order, of all and of each account, so that a page of a long list costs what is on the page. Invariant: no id twice.
 * Used by the tables of entries.
 */
import type { Steps } from '../engine/slices.ts'

/** Ids sorted at once; longer lists are merged of such. */
const RUN = 512

/** Which ids a page has. */
export interface PageRange {
  /** Those of these accounts. */
  readonly accounts: readonly string[] | 'all'
  /** Only ids that come later; absent: from the first. */
  readonly after?: string
  /** At most so many. */
  readonly limit: number
}

/** See the head of this file. */
export class SortedIds {
  #all: string[] = []
  readonly #byAccount = new Map<string, string[]>()

  /** Those with their accounts, each id once. */
  static *of(ids: Iterable<readonly [id: string, account: string]>): Steps<SortedIds> {
    const sorted = new SortedIds()
    const accounts = new Map<string, string>()
    for (const [id, account] of ids) {
      yield
      accounts.set(id, account)
    }
    sorted.#all = yield* sortInSteps([...accounts.keys()])
    for (const id of sorted.#all) {
      yield
      sorted.#ofAccount(accounts.get(id) ?? '').push(id)
    }
    return sorted
  }

  /** All of them, in order. */
  get all(): readonly string[] {
    return this.#all
  }

  add(id: string, account: string): void {
    for (const list of [this.#all, this.#ofAccount(account)]) {
      const at = placeOf(list, id)
      if (list[at] !== id) list.splice(at, 0, id)
    }
  }

  remove(id: string, account: string): void {
    for (const list of [this.#all, this.#ofAccount(account)]) {
      const at = placeOf(list, id)
      if (list[at] === id) list.splice(at, 1)
    }
    if (this.#ofAccount(account).length === 0) this.#byAccount.delete(account)
  }

  page({ accounts, after, limit }: PageRange): readonly string[] {
    const lists =
      accounts === 'all' ? [this.#all] : [...new Set(accounts)].map((each) => this.#byAccount.get(each) ?? [])
    const parts = lists.map((list) => {
      const from = after === undefined ? 0 : placeOf(list, after)
      const begin = list[from] === after && after !== undefined ? from + 1 : from
      return list.slice(begin, begin + limit)
    })
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : parts.flat().sort(byText).slice(0, limit)
  }

  #ofAccount(account: string): string[] {
    const list = this.#byAccount.get(account) ?? []
    this.#byAccount.set(account, list)
    return list
  }
}

/** Where `id` is or belongs. */
function placeOf(list: readonly string[], id: string): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? '') < id) low = middle + 1
    else high = middle
  }
  return low
}

function byText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** Sorts a long list in steps: short runs, and then these merged two by two. */
function* sortInSteps(ids: readonly string[]): Steps<string[]> {
  let runs: string[][] = []
  for (let from = 0; from < ids.length; from += RUN) {
    yield
    runs.push(ids.slice(from, from + RUN).sort(byText))
  }
  while (runs.length > 1) {
    const merged: string[][] = []
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(yield* merge(runs[index] ?? [], runs[index + 1] ?? []))
    }
    runs = merged
  }
  return runs[0] ?? []
}

function* merge(left: readonly string[], right: readonly string[]): Steps<string[]> {
  const merged: string[] = []
  let at = 0
  for (const id of left) {
    yield
    for (let other = right[at]; other !== undefined && other < id; other = right[at]) {
      merged.push(other)
      at += 1
    }
    merged.push(id)
  }
  for (; at < right.length; at += 1) merged.push(right[at] ?? '')
  return merged
}
