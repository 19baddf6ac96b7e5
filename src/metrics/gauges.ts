/**
 * What is read at the moment of a scrape: outbox, store, circuits, workers and readiness, each asked of whoever owns it.
 * Label values past their limits meet in `other`, where the worst of them is shown. Main thread only; called by the scrape.
 */
import { HOLD_REASONS, type HoldReason } from '../model/delivery.ts'
import type { CircuitKind } from '../policy/breaker.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { familyHead, label, sample } from './exposition.ts'

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
  /** What all of it takes on disk, or about so in memory; absent where that is not known. */
  readonly bytes?: number
  /** Pending deliveries beyond which nothing more is accepted; absent: no limit. */
  readonly limit?: number
}

/** The disk of the store. */
export interface SpaceLevel {
  /** Bytes that this process may still use. */
  readonly freeBytes: number
  /** Free bytes below which nothing more is accepted. */
  readonly reserveBytes: number
}

/** A circuit's state; several of one endpoint (they belong to accounts) show as the worst. */
export interface CircuitLevel {
  readonly endpoint: string
  readonly state: CircuitKind
}

/** Deliveries of one webhook that are held, and by what. */
export interface HeldLevel {
  readonly reason: HoldReason
  readonly deliveries: number
}

/** How busy a worker is; `worker` is its place from 1, not its thread's ever growing number. */
export interface WorkerLevel {
  readonly worker: number
  /** 0 to 1, since the last time that anybody asked. */
  readonly utilization: number
  /** Deliveries given to it that have no outcome yet. */
  readonly inFlight: number
  /** Batches given to it that it has not rendered yet. */
  readonly queuedBatches: number
}

/** One thing that must work before traffic should come here. */
export interface ReadyLevel {
  readonly name: string
  readonly ready: boolean
}

/** Who is asked at a scrape; what is absent is not shown. */
export interface GaugeSources {
  outbox?: () => OutboxLevel
  space?: () => SpaceLevel | undefined
  circuits?: () => Iterable<CircuitLevel>
  /** Undefined for each webhook that was looked at and holds nothing: a scrape can pause there too. */
  held?: () => Iterable<HeldLevel | undefined>
  workers?: () => Iterable<WorkerLevel>
  ready?: () => Iterable<ReadyLevel>
}

/** Workers with a label of their own, more than any machine we know has threads for. */
const WORKER_LIMIT = 1000

/** What can hold all that a webhook has; order holds single deliveries. */
const WEBHOOK_REASONS: readonly HoldReason[] = HOLD_REASONS.filter((reason) => reason !== 'ordered')

const CIRCUIT_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<CircuitKind, number>

/** Labels as text, and a value; undefined values are not shown. */
type Sampled = readonly [labels: string, value: number | undefined]

/** The gauges of one engine. */
export class Gauges {
  readonly #sources: GaugeSources
  readonly #endpoints: BoundedLabels
  readonly #workerLabels = new BoundedLabels(WORKER_LIMIT)

  constructor(endpoints: BoundedLabels, sources: GaugeSources) {
    this.#sources = sources
    this.#endpoints = endpoints
  }

  /** All families, in pieces of one series, endpoint or held webhook at most. Throws what a source throws. */
  *families(): Generator<string, void, undefined> {
    const { circuits, held, ready } = this.#sources
    yield* this.#outboxFamilies()
    yield* family(
      'switchhook_circuit_state',
      'Circuit of an endpoint, the worst of its accounts: 0 closed, 1 half-open, 2 open.',
      yield* worstByLabel(circuits?.() ?? [], ({ endpoint, state }) => [
        label('endpoint', this.#endpoints.shown(endpoint)),
        CIRCUIT_VALUES[state],
      ]),
    )
    const deliveries = new Map<HoldReason, number>()
    for (const level of held?.() ?? []) {
      if (level !== undefined) deliveries.set(level.reason, (deliveries.get(level.reason) ?? 0) + level.deliveries)
      yield ''
    }
    yield* family(
      'switchhook_held_deliveries',
      'Pending deliveries whose webhook may send none now, by reason; those in flight do not count.',
      WEBHOOK_REASONS.map((reason) => [label('reason', reason), deliveries.get(reason) ?? 0]),
    )
    yield* this.#workerFamilies()
    yield* family(
      'switchhook_ready',
      'What must work before traffic should come here: 1 where it does, 0 where not.',
      Array.from(ready?.() ?? [], (check): Sampled => [label('check', check.name), check.ready ? 1 : 0]),
    )
  }

  *#outboxFamilies(): Generator<string, void, undefined> {
    const level = this.#sources.outbox?.()
    const states = ['pending', 'delivered', 'dead'] as const
    yield* family(
      'switchhook_outbox_deliveries',
      'Deliveries in the outbox.',
      states.map((state) => [label('state', state), level?.[state]]),
    )
    yield* single(
      'switchhook_outbox_limit_deliveries',
      'Pending deliveries beyond which nothing more is accepted.',
      level?.limit,
    )
    yield* single(
      'switchhook_outbox_oldest_seconds',
      'Age of the oldest pending delivery, 0 without one.',
      level === undefined ? undefined : level.oldestMs / 1000,
    )
    yield* single('switchhook_outbox_bytes', 'What all that is in the outbox takes on disk.', level?.bytes)
    const space = this.#sources.space?.()
    yield* single('switchhook_store_free_bytes', 'Free bytes on the disk of the store.', space?.freeBytes)
    yield* single(
      'switchhook_store_reserve_bytes',
      'Free bytes below which nothing more is accepted.',
      space?.reserveBytes,
    )
  }

  *#workerFamilies(): Generator<string, void, undefined> {
    const levels = [...(this.#sources.workers?.() ?? [])]
    const byWorker = (read: (level: WorkerLevel) => number): Generator<string, Iterable<Sampled>, undefined> =>
      worstByLabel(levels, (level) => [label('worker', this.#workerLabels.shown(String(level.worker))), read(level)])
    yield* family(
      'switchhook_worker_utilization',
      'Share of the time that a worker thread was busy, 0 to 1.',
      yield* byWorker(({ utilization }) => utilization),
    )
    yield* family(
      'switchhook_worker_in_flight_deliveries',
      'Deliveries that a worker has and that have no outcome yet.',
      yield* byWorker(({ inFlight }) => inFlight),
    )
    yield* family(
      'switchhook_worker_queued_batches',
      'Batches of deliveries that a worker has and has not rendered yet.',
      yield* byWorker(({ queuedBatches }) => queuedBatches),
    )
  }
}

function* family(name: string, help: string, samples: Iterable<Sampled>): Generator<string, void, undefined> {
  yield familyHead(name, 'gauge', help)
  for (const [labels, value] of samples) if (value !== undefined) yield sample(name, labels, value)
}

function single(name: string, help: string, value: number | undefined): Generator<string, void, undefined> {
  return family(name, help, [['', value]])
}

/** The largest value of each label. An empty piece for each item, so that a scrape can pause. */
function* worstByLabel<Item>(
  items: Iterable<Item>,
  read: (item: Item) => readonly [label: string, value: number],
): Generator<string, ReadonlyMap<string, number>, undefined> {
  const worst = new Map<string, number>()
  for (const item of items) {
    const [labels, value] = read(item)
    worst.set(labels, Math.max(value, worst.get(labels) ?? value))
    yield ''
  }
  return worst
}
