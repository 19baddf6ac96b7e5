/**
 * What is read at the moment of a scrape: outbox, circuits and workers, each asked of whoever owns it.
 * Label values past their limits meet in `other`, where the worst of them is shown. Main thread only.
 */
import { Gauge, type Registry } from 'prom-client'
import { HOLD_REASONS, type HoldReason } from '../model/delivery.ts'
import type { CircuitKind } from '../policy/breaker.ts'
import { BoundedLabels } from './bounded-labels.ts'

/** How full the outbox is. */
export interface OutboxLevel {
  /** Deliveries that wait, held ones included. */
  readonly pending: number
  /** Deliveries that are done and kept to be shown; absent where they are not counted. */
  readonly delivered?: number
  /** Dead letters. */
  readonly dead: number
  /** Age of the oldest pending delivery in milliseconds, 0 where there is none. */
  readonly oldestMs: number
}

/** A circuit's state; several of one endpoint (they belong to accounts) show as the worst. */
export interface CircuitLevel {
  readonly endpoint: string
  readonly state: CircuitKind
}

/** Deliveries held, by what holds all that their webhooks have; none by a reason that is absent. */
export type HeldLevel = Readonly<Partial<Record<HoldReason, number>>>

/** How busy a worker is, 0 to 1; `worker` is its place, not its thread's ever growing number. */
export interface WorkerLevel {
  readonly worker: number
  readonly utilization: number
}

/** Who is asked at a scrape; what is absent is not shown. */
export interface GaugeSources {
  outbox?: () => OutboxLevel
  circuits?: () => Iterable<CircuitLevel>
  held?: () => HeldLevel
  workers?: () => Iterable<WorkerLevel>
}

/** Workers with a label of their own, more than any machine we know has threads for. */
const WORKER_LIMIT = 1000

/** What can hold all that a webhook has; order holds single deliveries. */
const WEBHOOK_REASONS: readonly HoldReason[] = HOLD_REASONS.filter((reason) => reason !== 'ordered')

const CIRCUIT_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<CircuitKind, number>

/** The gauges of one registry; `refresh` before each scrape. */
export class Gauges {
  readonly #sources: GaugeSources
  readonly #endpoints: BoundedLabels
  readonly #workerLabels = new BoundedLabels(WORKER_LIMIT)
  readonly #deliveries: Gauge<'state'>
  readonly #oldest: Gauge
  readonly #circuits: Gauge<'endpoint'>
  readonly #held: Gauge<'reason'>
  readonly #workers: Gauge<'worker'>

  constructor(registry: Registry, endpoints: BoundedLabels, sources: GaugeSources) {
    const registers = [registry]
    this.#sources = sources
    this.#endpoints = endpoints
    this.#deliveries = new Gauge({
      name: 'switchhook_outbox_deliveries',
      help: 'Deliveries in the outbox.',
      labelNames: ['state'],
      registers,
    })
    this.#oldest = new Gauge({
      name: 'switchhook_outbox_oldest_seconds',
      help: 'Age of the oldest pending delivery, 0 without one.',
      registers,
    })
    this.#circuits = new Gauge({
      name: 'switchhook_circuit_state',
      help: 'Circuit of an endpoint, the worst of its accounts: 0 closed, 1 half-open, 2 open.',
      labelNames: ['endpoint'],
      registers,
    })
    this.#held = new Gauge({
      name: 'switchhook_held_deliveries',
      help: 'Pending deliveries whose webhook may send none now, by reason; those in flight do not count.',
      labelNames: ['reason'],
      registers,
    })
    this.#workers = new Gauge({
      name: 'switchhook_worker_utilization',
      help: 'Share of the time that a worker thread was busy, 0 to 1.',
      labelNames: ['worker'],
      registers,
    })
  }

  /** Asks all sources. */
  refresh(): void {
    this.#refreshOutbox()
    const circuits = worstByLabel(this.#sources.circuits?.() ?? [], ({ endpoint, state }) => [
      this.#endpoints.shown(endpoint),
      CIRCUIT_VALUES[state],
    ])
    this.#circuits.reset()
    for (const [endpoint, value] of circuits) this.#circuits.set({ endpoint }, value)
    const held = this.#sources.held?.() ?? {}
    for (const reason of WEBHOOK_REASONS) this.#held.set({ reason }, held[reason] ?? 0)
    const workers = worstByLabel(this.#sources.workers?.() ?? [], ({ worker, utilization }) => [
      this.#workerLabels.shown(String(worker)),
      utilization,
    ])
    this.#workers.reset()
    for (const [worker, value] of workers) this.#workers.set({ worker }, value)
  }

  #refreshOutbox(): void {
    const level = this.#sources.outbox?.()
    if (level === undefined) return
    this.#deliveries.set({ state: 'pending' }, level.pending)
    if (level.delivered !== undefined) this.#deliveries.set({ state: 'delivered' }, level.delivered)
    this.#deliveries.set({ state: 'dead' }, level.dead)
    this.#oldest.set(level.oldestMs / 1000)
  }
}

/** The largest value of each label. */
function worstByLabel<Item>(
  items: Iterable<Item>,
  read: (item: Item) => readonly [label: string, value: number],
): ReadonlyMap<string, number> {
  const worst = new Map<string, number>()
  for (const item of items) {
    const [label, value] = read(item)
    worst.set(label, Math.max(value, worst.get(label) ?? value))
  }
  return worst
}
