/**
 * What `switchhook top` shows, worked out of two samples of an engine: rates from their difference, the rest from the later one.
 * Invariant: pure, and never a negative rate: where the engine was started anew in between there are none, and that is said.
 */
import type { MetricSample, Stats } from '../client/client.ts'

/** What an engine said at one moment. */
export interface Sample {
  /** Here, as RFC 3339 text. */
  readonly time: string
  readonly stats: Stats
  /** Empty where the token is for some accounts, who are not shown any. */
  readonly metrics: readonly MetricSample[]
}

/** What was counted in a second. */
export interface Rates {
  readonly events: number
  readonly deliveries: number
  readonly attempts: number
  readonly retries: number
  readonly dead: number
  readonly invokes: number
}

/** An endpoint with its latency of the last one to two minutes. */
export interface EndpointFigures {
  readonly endpoint: string
  readonly p50Ms: number
  readonly p99Ms: number
  /** Absent where there are no rates. */
  readonly perSecond?: number
}

/** See the head of this file. What an engine does not say is absent. */
export interface Figures {
  readonly time: string
  /** `restarted`: the engine was started anew since the sample before. */
  readonly since: 'first' | 'sample' | 'restarted'
  readonly accounts?: readonly string[]
  readonly upMs?: number
  readonly rates?: Rates
  readonly latency: {
    readonly invokeP50Ms?: number
    readonly invokeP99Ms?: number
    /** From acceptance to the first attempt, of those first attempts since the sample before. */
    readonly lagP50Ms?: number
    readonly lagP99Ms?: number
    /** How late the main thread was, since the sample before. */
    readonly loopP99Ms?: number
  }
  /** The slowest first. */
  readonly endpoints: readonly EndpointFigures[]
  readonly circuits: Stats['circuits']
  readonly outbox: {
    readonly pending: number
    readonly inFlight?: number
    /** Of the pending ones, those whose webhook may send none now. */
    readonly held: number
    readonly dead?: number
    readonly oldestMs?: number
    readonly bytes?: number
    readonly freeBytes?: number
  }
  /** The webhooks that hold most, by account and reason. */
  readonly held: Stats['held']['webhooks']
  readonly deactivated: Stats['deactivated']
  /** Empty where the engine does not say. */
  readonly readiness: NonNullable<Stats['readiness']>
  readonly memory: { readonly residentBytes?: number; readonly heapBytes?: number }
  /** Share of the time that each worker thread was busy, 0 to 1. */
  readonly workers: readonly number[]
}

const ENDPOINT_LATENCY = 'switchhook_endpoint_latency_seconds'

/** The figures of `now`, with rates where there is a sample `before` of the same run of the engine. */
export function figuresOf(before: Sample | undefined, now: Sample): Figures {
  const { stats, time } = now
  const reader = new MetricReader(now.metrics)
  const isRestarted = before !== undefined && wasRestarted(before, now)
  const last = isRestarted ? undefined : before
  const earlier = last === undefined ? undefined : new MetricReader(last.metrics)
  const seconds = last === undefined ? 0 : ((stats.atMs ?? 0) - (last.stats.atMs ?? 0)) / 1000
  const oldestSeconds = reader.value('switchhook_outbox_oldest_seconds')
  const held = Object.values(stats.held.deliveries).reduce((sum, count) => sum + count, 0)
  return {
    time,
    since: before === undefined ? 'first' : isRestarted ? 'restarted' : 'sample',
    ...present({ accounts: stats.accounts, upMs: stats.atMs }),
    ...(last === undefined || seconds <= 0 ? {} : present({ rates: ratesOf(last.stats, stats, seconds) })),
    latency: present({
      invokeP50Ms: stats.invokeP50Ms,
      invokeP99Ms: stats.invokeP99Ms,
      lagP50Ms: quantileMs(earlier, reader, 'switchhook_delivery_lag_seconds', 0.5),
      lagP99Ms: quantileMs(earlier, reader, 'switchhook_delivery_lag_seconds', 0.99),
      loopP99Ms: quantileMs(earlier, reader, 'switchhook_event_loop_delay_seconds', 0.99),
    }),
    endpoints: endpointsOf(earlier, reader, seconds),
    circuits: stats.circuits,
    outbox: {
      pending: stats.outbox.pending,
      held,
      ...present({
        inFlight: stats.inFlight,
        dead: stats.outbox.dead,
        oldestMs: oldestSeconds === undefined ? undefined : oldestSeconds * 1000,
        bytes: reader.value('switchhook_outbox_bytes'),
        freeBytes: reader.value('switchhook_store_free_bytes'),
      }),
    },
    held: stats.held.webhooks,
    deactivated: stats.deactivated,
    readiness: stats.readiness ?? [],
    memory: present({
      residentBytes: reader.value('process_resident_memory_bytes'),
      heapBytes: reader.value('nodejs_heap_size_used_bytes'),
    }),
    workers: reader.all('switchhook_worker_utilization').map(({ value }) => value),
  }
}

/** The engine's clock begins with its process; where it was away for longer than it had run, its start time tells. */
function wasRestarted(before: Sample, now: Sample): boolean {
  const startOf = ({ metrics }: Sample): number | undefined =>
    metrics.find(({ name }) => name === 'process_start_time_seconds')?.value
  if ((now.stats.atMs ?? 0) < (before.stats.atMs ?? 0) || startOf(before) !== startOf(now)) return true
  const totals = totalsOf(now.stats)
  const earlier = totalsOf(before.stats)
  return RATES.some((name) => (totals?.[name] ?? 0) < (earlier?.[name] ?? 0))
}

const RATES = ['events', 'deliveries', 'attempts', 'retries', 'dead', 'invokes'] as const satisfies (keyof Rates)[]

/** Undefined for a token of some accounts, who are shown no totals. */
function totalsOf({ events, delivered, attempts, retries, dead, invokes }: Stats): Rates | undefined {
  if (events === undefined || delivered === undefined || attempts === undefined) return undefined
  return { events, deliveries: delivered, attempts, retries: retries ?? 0, dead: dead ?? 0, invokes: invokes ?? 0 }
}

function ratesOf(before: Stats, now: Stats, seconds: number): Rates | undefined {
  const earlier = totalsOf(before)
  const totals = totalsOf(now)
  if (earlier === undefined || totals === undefined) return undefined
  const rate = (name: keyof Rates): number => (totals[name] - earlier[name]) / seconds
  return {
    events: rate('events'),
    deliveries: rate('deliveries'),
    attempts: rate('attempts'),
    retries: rate('retries'),
    dead: rate('dead'),
    invokes: rate('invokes'),
  }
}

function endpointsOf(before: MetricReader | undefined, now: MetricReader, seconds: number): readonly EndpointFigures[] {
  const countOf = (reader: MetricReader): ReadonlyMap<string, number> =>
    new Map(reader.all(`${ENDPOINT_LATENCY}_count`).map(({ labels, value }) => [labels['endpoint'] ?? '', value]))
  const earlier = before === undefined ? undefined : countOf(before)
  const counts = countOf(now)
  const quantiles = new Map<string, Map<string, number>>()
  for (const { labels, value } of now.all(ENDPOINT_LATENCY)) {
    const { endpoint = '', quantile = '' } = labels
    const ofEndpoint = quantiles.get(endpoint) ?? new Map<string, number>()
    quantiles.set(endpoint, ofEndpoint.set(quantile, value * 1000))
  }
  return [...quantiles]
    .map(([endpoint, values]): EndpointFigures => {
      const known = { endpoint, p50Ms: values.get('0.5') ?? 0, p99Ms: values.get('0.99') ?? 0 }
      if (earlier === undefined || seconds <= 0) return known
      return { ...known, perSecond: ((counts.get(endpoint) ?? 0) - (earlier.get(endpoint) ?? 0)) / seconds }
    })
    .sort((a, b) => b.p99Ms - a.p99Ms)
}

/**
 * A quantile of what a histogram took in between two samples, in milliseconds, as straight as a line within a bucket (so does
 * Prometheus' `histogram_quantile`); above the last bound, that. Undefined where nothing was taken in, or there is no sample before.
 */
function quantileMs(
  before: MetricReader | undefined,
  now: MetricReader,
  name: string,
  quantile: number,
): number | undefined {
  if (before === undefined) return undefined
  const earlier = new Map(before.all(`${name}_bucket`).map(({ labels, value }) => [labels['le'], value]))
  const buckets = now
    .all(`${name}_bucket`)
    .map(({ labels, value }) => ({
      bound: labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
      count: value - (earlier.get(labels['le']) ?? 0),
    }))
    .sort((a, b) => a.bound - b.bound)
  const total = buckets.at(-1)?.count ?? 0
  if (total <= 0) return undefined
  const rank = quantile * total
  let below = { bound: 0, count: 0 }
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.bound === Number.POSITIVE_INFINITY) return below.bound * 1000
      const share = bucket.count === below.count ? 1 : (rank - below.count) / (bucket.count - below.count)
      return (below.bound + (bucket.bound - below.bound) * share) * 1000
    }
    below = bucket
  }
  return below.bound * 1000
}

/** Samples by their names. */
class MetricReader {
  readonly #byName = new Map<string, MetricSample[]>()

  constructor(samples: readonly MetricSample[]) {
    for (const sample of samples) {
      const others = this.#byName.get(sample.name)
      if (others === undefined) this.#byName.set(sample.name, [sample])
      else others.push(sample)
    }
  }

  all(name: string): readonly MetricSample[] {
    return this.#byName.get(name) ?? []
  }

  /** Of a family with one series. */
  value(name: string): number | undefined {
    return this.all(name)[0]?.value
  }
}

/** Members that are there, and no undefined ones. */
function present<Members extends object>(
  members: Members,
): { readonly [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  // The same members but for those that are undefined, which is what the type says.
  return Object.fromEntries(entries) as { readonly [Name in keyof Members]?: Exclude<Members[Name], undefined> }
}
