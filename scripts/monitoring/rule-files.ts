/**
 * Recording and alert rules as Prometheus reads them, made of the tables. Rules of the repository, and of tests with a shorter
 * {@link Timing}, come from here alone.
 */
import { stringify } from 'yaml'
import { ALERTS, type Alert, LOOP_DELAY_P99 } from './alerts.ts'
import { recordedRatios } from './objectives.ts'
import type { Timing } from './timing.ts'

/** Where the runbook is, unless one is told. */
const RUNBOOK = 'docs/runbook.md'

const HEAD = ' Written by `npm run deploy-files` from scripts/monitoring: change it there.\n'

/** The file of the recording rules. */
export function recordingRules(timing: Timing): string {
  const rules = [
    ...recordedRatios(timing),
    {
      record: LOOP_DELAY_P99,
      expr: `histogram_quantile(0.99, rate(switchhook_event_loop_delay_seconds_bucket[${timing.of('5m')}]))`,
    },
  ]
  return asYaml({ groups: [{ name: 'switchhook-recorded', rules }] })
}

/** The file of the alert rules; `runbook` is the address of the page with a section for each. */
export function alertRules(timing: Timing, runbook: string = RUNBOOK): string {
  return asYaml({ groups: [{ name: 'switchhook-alerts', rules: ALERTS.map((alert) => rule(alert, timing, runbook)) }] })
}

function rule({ name, severity, expr, for: lasting, summary, description }: Alert, timing: Timing, runbook: string) {
  return {
    alert: name,
    expr: expr(timing),
    ...(lasting === undefined ? {} : { for: timing.of(lasting) }),
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbook}#${name.toLowerCase()}` },
  }
}

function asYaml(value: object): string {
  return `#${HEAD}${stringify(value, { lineWidth: 0 })}`
}
