/**
 * The alerts: one table of what somebody has to know, when, and how it is said. Each has a section of the same name in
 * `docs/runbook.md`. `critical` calls somebody now, `warning` can wait for the morning.
 */
import { burnsTooFast, objectiveOf } from './objectives.ts'
import type { Duration, Timing } from './timing.ts'

/** One alert. */
export interface Alert {
  /** Several may share one: the same matter, of different severity. */
  readonly name: `Switchhook${string}`
  readonly severity: 'critical' | 'warning'
  readonly expr: (timing: Timing) => string
  /** How long it must hold; absent: not at all, the expression looks back itself. */
  readonly for?: Duration
  /** What is wrong, in a line. */
  readonly summary: string
  /** What it means for callers and customers. */
  readonly description: string
}

const ON = '{{ $labels.instance }}'
const SHARE = '{{ $value | humanizePercentage }}'

export const ALERTS: readonly Alert[] = [
  {
    name: 'SwitchhookDown',
    severity: 'critical',
    expr: () => 'up{job="switchhook"} == 0 or absent(up{job="switchhook"})',
    for: '1m',
    summary: `No metrics from Switchhook ${ON}`,
    description: 'The engine does not answer, or nobody scrapes it: calls get no decisions, events are not taken.',
  },
  {
    name: 'SwitchhookNotReady',
    severity: 'critical',
    expr: () => 'switchhook_ready{check!="store"} == 0',
    for: '2m',
    summary: `Switchhook ${ON} is not ready: {{ $labels.check }}`,
    description: 'The engine runs, but a part of it does not: without workers nothing is delivered.',
  },
  ...burning('SwitchhookInvokeFailures', 'invoke_failures', {
    summary: `${SHARE} of the calls at ${ON} got the backup decision`,
    description: 'Customers’ servers, or the engine, fail while callers wait; their calls go the way set up for that.',
  }),
  ...burning('SwitchhookInvokeSlow', 'invoke_slow', {
    summary: `${SHARE} of the calls at ${ON} waited longer than a second`,
    description: 'Callers hear silence while a customer’s server takes its time.',
  }),
  ...burning('SwitchhookDeliveriesLate', 'delivery_late', {
    summary: `${SHARE} of the deliveries of ${ON} were first sent more than 30 s late`,
    description: 'Events are taken, but customers learn of them late.',
  }),
  {
    name: 'SwitchhookOutboxGrowing',
    severity: 'warning',
    expr: ({ of, horizonSeconds }) =>
      `predict_linear(switchhook_outbox_deliveries{state="pending"}[${of('1h')}], ${horizonSeconds}) > ignoring (state) switchhook_outbox_limit_deliveries`,
    for: '15m',
    summary: `The outbox of ${ON} will be full within four hours`,
    description: 'More comes in than goes out. When the outbox is full, events are refused.',
  },
  {
    name: 'SwitchhookEventsRefused',
    severity: 'critical',
    expr: ({ of }) =>
      `sum without (reason) (increase(switchhook_events_refused_total{reason="backlog"}[${of('5m')}])) > 0`,
    summary: `Switchhook ${ON} refuses events: a backlog is full`,
    description: 'Senders get 429, or rejected lines, for an endpoint’s or for all events, and have to keep them.',
  },
  {
    name: 'SwitchhookCircuitOpen',
    severity: 'warning',
    expr: () => 'switchhook_circuit_state > 0',
    for: '5m',
    summary: `{{ $labels.endpoint }} keeps failing`,
    description: 'Its deliveries are held until it works again, its calls get the backup decision at once.',
  },
  {
    name: 'SwitchhookDeadLetters',
    severity: 'warning',
    expr: ({ of }) => {
      const ended = (results: string): string =>
        `sum without (result) (increase(switchhook_deliveries_total{result=~"${results}"}[${of('1h')}]))`
      return `${ended('dead')} / ${ended('delivered|dead')} > 0.01`
    },
    for: '5m',
    summary: `${SHARE} of the deliveries of webhook {{ $labels.webhook }} were given up`,
    description:
      'They used up all attempts, can not be sent, or were held for too long. They stay as dead letters until they are sent again.',
  },
  {
    name: 'SwitchhookStoreErrors',
    severity: 'critical',
    expr: ({ of }) =>
      `increase(switchhook_store_errors_total[${of('5m')}]) > 0 or max without (check) (switchhook_ready{check="store"}) == 0`,
    summary: `The store of Switchhook ${ON} can not write`,
    description: 'Events are refused with 503. Calls get their decisions; what was accepted is kept.',
  },
  {
    name: 'SwitchhookDiskFullSoon',
    severity: 'warning',
    expr: ({ of, horizonSeconds }) =>
      `predict_linear(switchhook_store_free_bytes[${of('1h')}], ${horizonSeconds}) < switchhook_store_reserve_bytes`,
    for: '5m',
    summary: `The disk of Switchhook ${ON} will be full within four hours`,
    description: 'Below its reserve of free bytes the store takes no more events.',
  },
  {
    name: 'SwitchhookWorkerDeaths',
    severity: 'warning',
    expr: ({ of }) => `sum without (worker) (increase(switchhook_worker_deaths_total[${of('10m')}])) > 0`,
    summary: `Worker threads of Switchhook ${ON} died`,
    description: 'They are replaced, and what they had in flight is sent again: customers may get it twice.',
  },
  {
    name: 'SwitchhookReloadRefused',
    severity: 'warning',
    expr: () => 'switchhook_config_last_reload_successful == 0',
    for: '1m',
    summary: `Switchhook ${ON} refused its new configuration`,
    description: 'The configuration before goes on; what was changed since has no effect, and a restart would fail.',
  },
  {
    name: 'SwitchhookLoopBlocked',
    severity: 'warning',
    expr: () => `${LOOP_DELAY_P99} > ${LOOP_DELAY_LIMIT_SECONDS}`,
    for: '5m',
    summary: `The main thread of Switchhook ${ON} is late by {{ $value | humanizeDuration }}`,
    description: 'Everything waits for it, live calls too. It has too much to do, or the machine has.',
  },
]

/** The delay beyond which the main thread is taken for blocked. */
export const LOOP_DELAY_LIMIT_SECONDS = 0.1

/** The name of the recorded delay of the main thread that one of a hundred timers exceeds. */
export const LOOP_DELAY_P99 = 'instance:switchhook_event_loop_delay_seconds:p99_rate5m'

/** The names, each once. */
export const ALERT_NAMES: readonly string[] = [...new Set(ALERTS.map(({ name }) => name))]

/** Two alerts on one objective: a fast burn calls somebody, a slow one makes a ticket. */
function burning(
  name: Alert['name'],
  objective: Parameters<typeof objectiveOf>[0],
  texts: Pick<Alert, 'summary' | 'description'>,
): readonly Alert[] {
  return [
    { name, severity: 'critical', expr: () => burnsTooFast(objectiveOf(objective), 'fast'), for: '2m', ...texts },
    { name, severity: 'warning', expr: () => burnsTooFast(objectiveOf(objective), 'slow'), for: '15m', ...texts },
  ]
}
