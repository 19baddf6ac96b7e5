/**
 * The ledger: what was promised on one side, what arrived on the other. Before the carrier sends anything, every request
 * that must follow from it is entered as owed; each request that a customer's server takes settles one. What is still owed
 * at the end is lost. Invariant: whatever is wrong has a line that names webhook, call and value.
 */
import type { Content, Scalar } from './content.ts'

/** A request that must arrive at a customer's server, exactly once. */
export interface Expectation {
  readonly webhook: string
  /** The call's id. */
  readonly call: string
  readonly job: 'invoke' | 'delivery'
  /** Values that it must carry; `undefined`: it must not carry this one at all. Others are not looked at. */
  readonly content: Readonly<Record<string, Scalar | undefined>>
  /** Must not arrive before what was entered earlier for this webhook and call. */
  readonly isOrdered?: boolean
  /** Called when it has arrived. */
  readonly onArrival?: (receipt: Receipt) => void
}

/** A request as a customer's server received it. */
export interface Receipt {
  readonly webhook: string
  /** Header `webhook-id`: the same for all attempts of a delivery. */
  readonly id: string
  /** Empty where the request names no call. */
  readonly call: string
  readonly content: Content
  /** `refused`: answered so that the engine must try again. */
  readonly answer: 'taken' | 'refused'
  /** What is wrong with the request in itself (form, method, signature); empty where nothing is. */
  readonly problem: string
}

/** Sums of the ledger. */
export interface LedgerTotals {
  /** Deliveries that arrived, by webhook; each counts once. */
  readonly delivered: ReadonlyMap<string, number>
  readonly deliveredCount: number
  readonly invokeCount: number
  /** Deliveries that arrived again after they had been taken. */
  readonly duplicates: number
  /** Attempts that a server refused. */
  readonly refused: number
}

/** Ids of taken deliveries that are remembered to tell duplicates; far more than are in flight at a time. */
const REMEMBERED_IDS = 100_000

/** Problems that are kept by name; the rest is counted. */
const NAMED_PROBLEMS = 25

/** See the head of this file. */
export class Ledger {
  readonly #owed = new Map<string, Expectation[]>()
  /** Webhook and id: a fallback server is asked under the id of the first. */
  readonly #taken = new Set<string>()
  readonly #delivered = new Map<string, number>()
  readonly #problems: string[] = []
  #problemCount = 0
  #owedCount = 0
  #invokeCount = 0
  #duplicates = 0
  #refused = 0
  readonly #onProblem: (problem: string) => void

  /** `onProblem` is told of everything wrong when it is found. */
  constructor(onProblem: (problem: string) => void = () => undefined) {
    this.#onProblem = onProblem
  }

  /** Enters what must arrive; before it is sent, since it may arrive before the carrier has its answer. */
  expect(expectations: readonly Expectation[]): void {
    for (const expectation of expectations) {
      const key = keyOf(expectation)
      const owed = this.#owed.get(key)
      if (owed === undefined) this.#owed.set(key, [expectation])
      else owed.push(expectation)
      this.#owedCount += 1
    }
  }

  /** Takes expectations back because nothing was accepted; those that arrived all the same stay settled. */
  withdraw(expectations: readonly Expectation[]): void {
    for (const expectation of expectations) this.#remove(expectation)
  }

  /** Enters a request that arrived. */
  receive(receipt: Receipt): void {
    if (receipt.problem !== '') this.wrong(`${receipt.webhook}, call ${receipt.call}: ${receipt.problem}`)
    if (receipt.answer === 'refused') {
      this.#refused += 1
      return
    }
    if (this.#taken.has(`${receipt.webhook} ${receipt.id}`)) {
      this.#duplicates += 1
      return
    }
    this.#remember(`${receipt.webhook} ${receipt.id}`)
    const expectation = this.#bestMatch(receipt)
    if (expectation === undefined) {
      this.wrong(`${receipt.webhook}, call ${receipt.call || 'without a name'}: arrived, but was never sent`)
      return
    }
    this.#remove(expectation)
    this.#count(expectation)
    for (const difference of differencesOf(expectation, receipt.content)) {
      this.wrong(`${receipt.webhook}, call ${receipt.call}: ${difference}`)
    }
    expectation.onArrival?.(receipt)
  }

  /** Enters anything else that is not as it should be. */
  wrong(problem: string): void {
    this.#problemCount += 1
    if (this.#problems.length >= NAMED_PROBLEMS) return
    this.#problems.push(problem)
    this.#onProblem(problem)
  }

  /** Requests that have not arrived yet. */
  get owedCount(): number {
    return this.#owedCount
  }

  /** Requests of one webhook that have not arrived yet. */
  owedTo(webhook: string): number {
    let count = 0
    for (const [key, owed] of this.#owed) if (key.startsWith(`${webhook}\n`)) count += owed.length
    return count
  }

  /** Sums of what arrived. */
  totals(): LedgerTotals {
    return {
      delivered: this.#delivered,
      deliveredCount: [...this.#delivered.values()].reduce((sum, count) => sum + count, 0),
      invokeCount: this.#invokeCount,
      duplicates: this.#duplicates,
      refused: this.#refused,
    }
  }

  /** What is owed now, a line each: at the end these are lost. */
  lost(): readonly string[] {
    return [...this.#owed.values()].flat().map(({ webhook, call, job }) => `${webhook}, call ${call}: ${job} lost`)
  }

  /** Everything wrong so far, a line each, and how much more there is. */
  problems(): readonly string[] {
    const more = this.#problemCount - this.#problems.length
    return more === 0 ? this.#problems : [...this.#problems, `and ${more} more of this kind`]
  }

  /** The first whose content agrees, since events of one call may overtake each other; else, and in order, the first. */
  #bestMatch(receipt: Receipt): Expectation | undefined {
    const owed = this.#owed.get(keyOf(receipt)) ?? []
    const [first] = owed
    if (first?.isOrdered === true) return first
    return owed.find((expectation) => differencesOf(expectation, receipt.content).length === 0) ?? first
  }

  #count({ webhook, job }: Expectation): void {
    if (job === 'invoke') this.#invokeCount += 1
    else this.#delivered.set(webhook, (this.#delivered.get(webhook) ?? 0) + 1)
  }

  #remove(expectation: Expectation): void {
    const key = keyOf(expectation)
    const owed = this.#owed.get(key) ?? []
    const index = owed.indexOf(expectation)
    if (index === -1) return
    owed.splice(index, 1)
    if (owed.length === 0) this.#owed.delete(key)
    this.#owedCount -= 1
  }

  #remember(id: string): void {
    this.#taken.add(id)
    if (this.#taken.size <= REMEMBERED_IDS) return
    const [oldest = ''] = this.#taken
    this.#taken.delete(oldest)
  }
}

function keyOf({ webhook, call }: { readonly webhook: string; readonly call: string }): string {
  return `${webhook}\n${call}`
}

function differencesOf(expectation: Expectation, content: Content): readonly string[] {
  return Object.entries(expectation.content)
    .filter(([name, expected]) => content[name] !== expected)
    .map(([name, expected]) => `${name} is ${shown(content[name])}, expected ${shown(expected)}`)
}

function shown(value: Scalar | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
