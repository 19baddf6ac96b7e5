/**
 * For each alert a history in which it fires, and one as near to it as can be in which it does not. Values are promtool's: `0+6x60`
 * begins at 0 and grows by 6 each minute for an hour.
 */

/** Series with their values. */
export type History = Readonly<Record<string, string>>

/** One alert's two histories. */
export interface AlertCase {
  /** `name severity` of every alert that fires. */
  readonly fires: readonly string[]
  readonly firing: History
  readonly silent: History
}

const ONE = 'job="switchhook",instance="one"'

const UP = `up{${ONE}}`

/** A healthy engine; a history's own series go before these. */
export const HEALTHY: History = { [UP]: '1x120' }

/** Invokes in a minute: all, and those that got the backup. */
function invokes(all: number, failed: number, reason = 'connection'): History {
  return {
    [`switchhook_invokes_total{webhook="a",result="success",${ONE}}`]: `0+${all - failed}x120`,
    [`switchhook_invokes_total{webhook="a",result="${reason}",${ONE}}`]: `0+${failed}x120`,
  }
}

/** A histogram's values in a minute: all, and those within a bound. */
function durations(histogram: string, labels: string, bound: string, all: number, within: number): History {
  const lead = labels === '' ? '' : `${labels},`
  return {
    [`${histogram}_bucket{${lead}le="${bound}",${ONE}}`]: `0+${within}x120`,
    [`${histogram}_bucket{${lead}le="+Inf",${ONE}}`]: `0+${all}x120`,
    [`${histogram}_count{${lead}${ONE}}`]: `0+${all}x120`,
  }
}

function slowInvokes(all: number, fast: number): History {
  return durations('switchhook_invoke_duration_seconds', 'webhook="a"', '1', all, fast)
}

function lateDeliveries(all: number, inTime: number): History {
  return durations('switchhook_delivery_lag_seconds', '', '30', all, inTime)
}

function pending(values: string): History {
  return {
    [`switchhook_outbox_deliveries{state="pending",${ONE}}`]: values,
    [`switchhook_outbox_limit_deliveries{${ONE}}`]: '1000x120',
  }
}

function space(values: string): History {
  return { [`switchhook_store_free_bytes{${ONE}}`]: values, [`switchhook_store_reserve_bytes{${ONE}}`]: '64x120' }
}

function dead(perMinute: number): History {
  return {
    [`switchhook_deliveries_total{webhook="a",result="delivered",${ONE}}`]: `0+${1000 - perMinute}x120`,
    [`switchhook_deliveries_total{webhook="a",result="dead",${ONE}}`]: `0+${perMinute}x120`,
    [`switchhook_deliveries_total{webhook="a",result="retried",${ONE}}`]: '0+5000x120',
  }
}

function loopDelay(late: number): History {
  return {
    [`switchhook_event_loop_delay_seconds_bucket{le="0.1",${ONE}}`]: `0+${3000 - late}x120`,
    [`switchhook_event_loop_delay_seconds_bucket{le="1",${ONE}}`]: '0+3000x120',
    [`switchhook_event_loop_delay_seconds_bucket{le="+Inf",${ONE}}`]: '0+3000x120',
  }
}

function refused(reason: string, values: string): History {
  return { [`switchhook_events_refused_total{reason="${reason}",${ONE}}`]: values }
}

function ready(check: string, value: string): History {
  return { [`switchhook_ready{check="${check}",${ONE}}`]: value }
}

/** What a history is looked at after: an hour, when every `for` is over. */
export const LOOKED_AT = '1h'

export const ALERT_CASES: readonly AlertCase[] = [
  { fires: ['SwitchhookDown critical'], firing: { [UP]: '1x55 0x60' }, silent: { [UP]: '0x50 1x60' } },
  { fires: ['SwitchhookDown critical'], firing: { [UP]: '_x120' }, silent: { [UP]: '1x120' } },
  {
    fires: ['SwitchhookNotReady critical'],
    firing: ready('workers', '1x50 0x60'),
    silent: ready('workers', '1x58 0x60'),
  },
  {
    fires: ['SwitchhookInvokeFailures critical', 'SwitchhookInvokeFailures warning'],
    firing: invokes(1000, 15),
    silent: invokes(1000, 15, 'cancelled'),
  },
  { fires: ['SwitchhookInvokeFailures warning'], firing: invokes(10_000, 11), silent: invokes(10_000, 9) },
  {
    fires: ['SwitchhookInvokeSlow critical', 'SwitchhookInvokeSlow warning'],
    firing: slowInvokes(1000, 855),
    silent: slowInvokes(1000, 990),
  },
  { fires: ['SwitchhookInvokeSlow warning'], firing: slowInvokes(1000, 989), silent: slowInvokes(1000, 991) },
  {
    fires: ['SwitchhookDeliveriesLate critical', 'SwitchhookDeliveriesLate warning'],
    firing: lateDeliveries(1000, 855),
    silent: lateDeliveries(1000, 990),
  },
  { fires: ['SwitchhookDeliveriesLate warning'], firing: lateDeliveries(1000, 989), silent: lateDeliveries(1000, 991) },
  {
    fires: ['SwitchhookOutboxGrowing warning'],
    firing: pending('0+4x120'),
    silent: pending('0+3x120'),
  },
  {
    fires: ['SwitchhookEventsRefused critical'],
    firing: refused('backlog', '0x57 1x60'),
    silent: refused('backlog', '0x50 1x60'),
  },
  {
    fires: ['SwitchhookCircuitOpen warning'],
    firing: { [`switchhook_circuit_state{endpoint="https://a.example",${ONE}}`]: '0x50 2 1 2 1 2 1 2 1 2x60' },
    silent: { [`switchhook_circuit_state{endpoint="https://a.example",${ONE}}`]: '2x55 0 2x60' },
  },
  { fires: ['SwitchhookDeadLetters warning'], firing: dead(11), silent: dead(10) },
  {
    fires: ['SwitchhookStoreErrors critical'],
    firing: { [`switchhook_store_errors_total{${ONE}}`]: '0x57 1x60' },
    silent: { [`switchhook_store_errors_total{${ONE}}`]: '0x50 1x60' },
  },
  {
    fires: ['SwitchhookStoreErrors critical'],
    firing: ready('store', '1x59 0x60'),
    silent: ready('store', '0x59 1x60'),
  },
  {
    fires: ['SwitchhookDiskFullSoon warning'],
    firing: space('3000-10x120'),
    silent: space('4000-10x120'),
  },
  {
    fires: ['SwitchhookWorkerDeaths warning'],
    firing: { [`switchhook_worker_deaths_total{worker="1",${ONE}}`]: '0x52 1x60' },
    silent: { [`switchhook_worker_deaths_total{worker="1",${ONE}}`]: '0x40 1x60' },
  },
  {
    fires: ['SwitchhookReloadRefused warning'],
    firing: { [`switchhook_config_last_reload_successful{${ONE}}`]: '1x50 0x60' },
    silent: { [`switchhook_config_last_reload_successful{${ONE}}`]: '0x50 1x60' },
  },
  { fires: ['SwitchhookLoopBlocked warning'], firing: loopDelay(31), silent: loopDelay(29) },
]
