/**
 * The deployed files are what the tables say, Prometheus' own tool accepts the rules, and each alert fires when it should and
 * not a step before. Each has its section of the runbook.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ALERT_NAMES, ALERTS } from '../../scripts/monitoring/alerts.ts'
import { DEPLOY_FILES } from '../../scripts/monitoring/files.ts'
import { alertRules, recordingRules } from '../../scripts/monitoring/rule-files.ts'
import { REAL_TIME } from '../../scripts/monitoring/timing.ts'
import { ALERT_CASES, HEALTHY, type History, LOOKED_AT } from './alert-cases.ts'
import { promtool, testFiles } from './promtool.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const RULES = { 'recording.yml': recordingRules(REAL_TIME), 'alerts.yml': alertRules(REAL_TIME) }

describe('deploy/', () => {
  test.each(DEPLOY_FILES.map((file) => ({ name: file.url.pathname.split('/').at(-1), ...file })))(
    '$name is what npm run deploy-files writes',
    ({ url, make }) => {
      expect(readFileSync(url, 'utf8')).toBe(make())
    },
  )

  test('the example configuration of Prometheus is one, with these rules', async () => {
    const file = join(ROOT, 'deploy/prometheus/prometheus.yml')
    const { status, said } = await promtool(['check', 'config', '--syntax-only', file])
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining('SUCCESS') })
    expect(readFileSync(file, 'utf8')).toMatch(/rule_files:\n {2}- recording-rules.yml\n {2}- alert-rules.yml\n/)
  })

  test('a page that is named is where the alerts link to', () => {
    const rules = alertRules(REAL_TIME, 'https://wiki.example.com/hook')
    expect(rules).toContain('runbook_url: https://wiki.example.com/hook#switchhookdown\n')
    expect(rules).not.toContain('docs/runbook.md')
  })
})

describe('rules', () => {
  test('are what Prometheus accepts', async () => {
    const folder = await testFiles(RULES)
    const { status, said } = await promtool(['check', 'rules', ...Object.keys(RULES).map((name) => join(folder, name))])
    expect({ status, said }).toMatchObject({ status: 0 })
  })

  test('each alert has a history in which it fires', () => {
    const fired = new Set(ALERT_CASES.flatMap(({ fires }) => fires))
    expect([...fired].sort()).toEqual(ALERTS.map(({ name, severity }) => `${name} ${severity}`).sort())
  })

  test('fire in their history, nothing else does, and none in the one beside it', async () => {
    const cases = ALERT_CASES.flatMap(({ fires, firing, silent }) => [
      historyTest(`${fires.join(', ')} fires`, firing, fires),
      // What warns before it calls somebody may do so; the alert that is looked at does not fire.
      historyTest(`${fires.join(', ')} is silent`, silent, []),
    ])
    const tests = { rule_files: Object.keys(RULES), evaluation_interval: '1m', tests: cases }
    const folder = await testFiles({ ...RULES, 'tests.yml': stringify(tests, { lineWidth: 0 }) })
    const { status, said } = await promtool(['test', 'rules', join(folder, 'tests.yml')])
    expect({ status, said }).toMatchObject({ status: 0 })
  })
})

describe('docs/runbook.md', () => {
  const sections = [...readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8').matchAll(/^## (.+)\n((?:(?!^## ).*\n)*)/gm)]

  test('has a section for each alert, in their order, and no other', () => {
    const alerts = sections.map(([, title]) => title).filter((title) => title?.startsWith('Switchhook'))
    expect(alerts).toEqual(ALERT_NAMES)
  })

  test.each(ALERT_NAMES.map((name) => [name]))('%s: says what it means, how to look and what to do', (name) => {
    const [, , text = ''] = sections.find(([, title]) => title === name) ?? []
    for (const part of ['**Means.**', '**Look.**', '**Do.**']) expect(text).toContain(part)
  })
})

/** One history as promtool tests it: exactly these alerts fire. */
function historyTest(name: string, history: History, fires: readonly string[]): object {
  return {
    name,
    interval: '1m',
    input_series: Object.entries({ ...HEALTHY, ...history }).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})',
        eval_time: LOOKED_AT,
        exp_samples: fires.map((alert) => {
          const [alertname, severity] = alert.split(' ')
          return { labels: `{alertname="${alertname}", severity="${severity}"}`, value: 1 }
        }),
      },
    ],
  }
}
