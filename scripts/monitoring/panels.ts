/**
 * What the dashboard shows: one table of rows, panels and queries. Selectors have no instance in them; the dashboard and the
 * tests add what they look at. Every metric and label named here is proven to be in a real scrape.
 */
import type { AttemptKind } from '../../src/metrics/layout.ts'
import { LOOP_DELAY_LIMIT_SECONDS, LOOP_DELAY_P99 } from './alerts.ts'
import { FAST_SECONDS, IN_TIME_SECONDS, objectiveOf, ratioName } from './objectives.ts'

/** Units as Grafana names them. */
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'ops'

/** One line or value of a panel. */
export interface Query {
  /** PromQL; `$window` stands for the width of a rate, and every selector has braces, for the instance to go in. */
  readonly expr: string
  /** How its series are named. */
  readonly legend: string
}

/** A value that should not be passed. */
export interface Limit {
  readonly value: number
  /** What it is, in a few words. */
  readonly text: string
}

/** One panel. */
export interface Panel {
  readonly title: string
  readonly description: string
  readonly unit: Unit
  /** Values drawn over time, or the present ones as a list. */
  readonly kind: 'lines' | 'stacked' | 'list'
  readonly queries: readonly Query[]
  /** Those of objectives and alerts, where the panel shows what they are about. */
  readonly limits?: readonly Limit[]
}

/** Panels below one heading. */
export interface PanelRow {
  readonly title: string
  readonly panels: readonly Panel[]
}

export const PANEL_ROWS: readonly PanelRow[] = [
  {
    title: 'Traffic',
    panels: [
      {
        title: 'Events',
        description: 'Events handed in, by what became of them.',
        unit: 'ops',
        kind: 'stacked',
        queries: [query('sum by (result) (rate(switchhook_events_total{}[$window]))', '{{result}}')],
      },
      {
        title: 'Deliveries and calls',
        description: 'What became of deliveries, and calls that asked for a decision.',
        unit: 'ops',
        kind: 'lines',
        queries: [
          query('sum by (result) (rate(switchhook_deliveries_total{}[$window]))', '{{result}}'),
          query('sum(rate(switchhook_invokes_total{}[$window]))', 'invokes'),
        ],
      },
      {
        title: 'Refused events',
        description:
          'Events not taken although nothing was wrong with them: a backlog is full, or the store can not write.',
        unit: 'ops',
        kind: 'lines',
        queries: [query('sum by (reason) (rate(switchhook_events_refused_total{}[$window]))', '{{reason}}')],
      },
      {
        title: 'Ready',
        description: 'What must work before traffic should come: 1 where it does.',
        unit: 'short',
        kind: 'lines',
        queries: [
          query('min by (check) (switchhook_ready{})', '{{check}}'),
          query('min(switchhook_config_last_reload_successful{})', 'configuration'),
        ],
      },
    ],
  },
  {
    title: 'Calls',
    panels: [
      {
        ...quantiles('Decision time', 'From an invoke to its decision.', 'switchhook_invoke_duration_seconds'),
        limits: [{ value: Number(FAST_SECONDS), text: '99 % within' }],
      },
      {
        title: 'Decisions',
        description: 'How invokes ended: success, or why with the backup.',
        unit: 'ops',
        kind: 'stacked',
        queries: [query('sum by (result) (rate(switchhook_invokes_total{}[$window]))', '{{result}}')],
      },
      {
        title: 'Budget used: calls and deliveries',
        description: 'Shares over an hour that failed or were slow; the budgets are 0.1 %, 1 % and 1 %.',
        unit: 'percentunit',
        kind: 'lines',
        queries: [
          query(`max(${ratioName(objectiveOf('invoke_failures'), '1h')}{})`, 'calls failed'),
          query(`max(${ratioName(objectiveOf('invoke_slow'), '1h')}{})`, 'calls slow'),
          query(`max(${ratioName(objectiveOf('delivery_late'), '1h')}{})`, 'deliveries late'),
        ],
        limits: [
          { value: objectiveOf('invoke_failures').budget, text: 'failed' },
          { value: objectiveOf('invoke_slow').budget, text: 'slow, late' },
        ],
      },
      phases('Where the time of calls goes', 'Of requests that a live call waits for, by phase.', 'invoke'),
      quantiles('What the engine adds', 'Its own share of the time, by stage.', 'switchhook_overhead_seconds', 'stage'),
    ],
  },
  {
    title: 'Deliveries',
    panels: [
      {
        title: 'Attempts',
        description: 'HTTP requests to customers by how they ended.',
        unit: 'ops',
        kind: 'stacked',
        queries: [query('sum by (result) (rate(switchhook_attempts_total{}[$window]))', '{{result}}')],
      },
      quantiles('Attempt time', 'What an HTTP request to a customer took.', 'switchhook_attempt_duration_seconds'),
      phases('Where the time of deliveries goes', 'Of requests that send deliveries, by phase.', 'send'),
      {
        ...quantiles('Lag', 'From acceptance to the first attempt.', 'switchhook_delivery_lag_seconds'),
        limits: [{ value: Number(IN_TIME_SECONDS), text: '99 % within' }],
      },
      {
        title: 'Outbox',
        description: 'Deliveries that wait, and dead letters.',
        unit: 'short',
        kind: 'lines',
        queries: [query('sum by (state) (switchhook_outbox_deliveries{state=~"pending|dead"})', '{{state}}')],
      },
      {
        title: 'Outbox, of its limit',
        description: 'Share of the deliveries that may wait; where it is used up, events are refused.',
        unit: 'percentunit',
        kind: 'lines',
        queries: [
          query(
            'max by (instance) (switchhook_outbox_deliveries{state="pending"} / ignoring (state) switchhook_outbox_limit_deliveries{})',
            '{{instance}}',
          ),
        ],
      },
      {
        title: 'Held, by reason',
        description: 'Waiting deliveries whose webhook may send none now.',
        unit: 'short',
        kind: 'stacked',
        queries: [query('sum by (reason) (switchhook_held_deliveries{})', '{{reason}}')],
      },
      {
        title: 'Oldest waiting delivery',
        description: 'Age of the oldest delivery that is not delivered and not given up.',
        unit: 's',
        kind: 'lines',
        queries: [query('max by (instance) (switchhook_outbox_oldest_seconds{})', '{{instance}}')],
      },
    ],
  },
  {
    title: 'Customers’ servers',
    panels: [
      {
        title: 'Circuits that are not closed',
        description: '2 open, 1 being tried.',
        unit: 'short',
        kind: 'list',
        queries: [query('max by (endpoint) (switchhook_circuit_state{}) > 0', '{{endpoint}}')],
      },
      {
        title: 'Slowest endpoints',
        description: '99 of a hundred answers of the last minutes came within this time.',
        unit: 's',
        kind: 'list',
        queries: [
          query('topk(10, max by (endpoint) (switchhook_endpoint_latency_seconds{quantile="0.99"}))', '{{endpoint}}'),
        ],
      },
      {
        title: 'Webhooks that fail most',
        description: 'Failed attempts, by webhook.',
        unit: 'ops',
        kind: 'list',
        queries: [
          query(
            'topk(10, sum by (webhook) (rate(switchhook_attempts_total{result!="success"}[$window])))',
            '{{webhook}}',
          ),
        ],
      },
    ],
  },
  {
    title: 'Saturation',
    panels: [
      {
        title: 'Main thread',
        description: 'How late timers of the main thread are: one in a hundred is later.',
        unit: 's',
        kind: 'lines',
        queries: [query(`max by (instance) (${LOOP_DELAY_P99}{})`, '{{instance}}')],
        limits: [{ value: LOOP_DELAY_LIMIT_SECONDS, text: 'alert' }],
      },
      {
        title: 'Workers',
        description: 'Share of the time that a worker is busy.',
        unit: 'percentunit',
        kind: 'lines',
        queries: [query('max by (instance, worker) (switchhook_worker_utilization{})', '{{instance}} {{worker}}')],
      },
      {
        title: 'What workers have',
        description: 'Deliveries in flight, batches not rendered, and deaths.',
        unit: 'short',
        kind: 'lines',
        queries: [
          query('sum(switchhook_worker_in_flight_deliveries{})', 'in flight'),
          query('sum(switchhook_worker_queued_batches{})', 'batches queued'),
          query('sum(increase(switchhook_worker_deaths_total{}[$window]))', 'deaths'),
        ],
      },
      {
        title: 'Process',
        description: 'CPU in cores, and memory in use.',
        unit: 'short',
        kind: 'lines',
        queries: [
          query('sum by (instance) (rate(process_cpu_seconds_total{}[$window]))', '{{instance}} cores'),
          query('sum by (instance) (process_resident_memory_bytes{}) / 1073741824', '{{instance}} GiB'),
        ],
      },
    ],
  },
  {
    title: 'Store',
    panels: [
      quantiles('Commit time', 'Writing and syncing a transaction.', 'switchhook_store_commit_seconds'),
      {
        title: 'Disk',
        description: 'What the outbox takes, what is free, and what stays free.',
        unit: 'bytes',
        kind: 'lines',
        queries: [
          query('sum by (instance) (switchhook_outbox_bytes{})', '{{instance}} outbox'),
          query('min by (instance) (switchhook_store_free_bytes{})', '{{instance}} free'),
          query('max(switchhook_store_reserve_bytes{})', 'reserve'),
        ],
      },
      {
        title: 'Errors',
        description: 'Changes that the store could not keep.',
        unit: 'ops',
        kind: 'lines',
        queries: [query('sum by (instance) (rate(switchhook_store_errors_total{}[$window]))', '{{instance}}')],
      },
    ],
  },
  {
    title: 'HTTP API',
    panels: [
      {
        title: 'Requests by route',
        description: 'Requests to the API.',
        unit: 'ops',
        kind: 'lines',
        queries: [
          query('sum by (method, route) (rate(switchhook_http_requests_total{}[$window]))', '{{method}} {{route}}'),
        ],
      },
      {
        title: 'Answers that are errors',
        description: 'By status; 499: the client had gone.',
        unit: 'ops',
        kind: 'stacked',
        queries: [
          query(
            'sum by (status) (rate(switchhook_http_requests_total{status=~"4..|5..|other"}[$window]))',
            '{{status}}',
          ),
        ],
      },
    ],
  },
]

function query(expr: string, legend: string): Query {
  return { expr, legend }
}

/** 99 in a hundred of the values of each phase of requests for one thing. */
function phases(title: string, description: string, kind: AttemptKind): Panel {
  return quantiles(title, description, 'switchhook_phase_seconds', 'phase', `kind="${kind}"`)
}

/** Half, nine in ten and 99 in a hundred of a histogram's values, in all or by a label; `selector` narrows them. */
function quantiles(title: string, description: string, histogram: string, by?: string, selector = ''): Panel {
  const grouped = by === undefined ? 'le' : `le, ${by}`
  const shown = by === undefined ? ['0.5', '0.9', '0.99'] : ['0.99']
  return {
    title,
    description,
    unit: 's',
    kind: 'lines',
    queries: shown.map((quantile) =>
      query(
        `histogram_quantile(${quantile}, sum by (${grouped}) (rate(${histogram}_bucket{${selector}}[$window])))`,
        by === undefined ? `p${Number(quantile) * 100}` : `{{${by}}} p${Number(quantile) * 100}`,
      ),
    ),
  }
}
