/** Labels stay bounded whatever comes from outside: both sides of every limit, as a scrape shows them. */
import { describe, expect, test } from 'vitest'
import { ENDPOINT_LIMIT, Metrics } from '../../src/metrics/metrics.ts'
import { EVENT_TYPE_LIMIT, ROUTE_LIMIT } from '../../src/metrics/registered.ts'
import { readExposition, valueIn } from './read-exposition.ts'

/** The values of one label in a family's samples. */
async function labelValues(metrics: Metrics, family: string, label: string): Promise<ReadonlySet<string>> {
  const samples = readExposition(await metrics.text()).get(family)?.samples ?? []
  return new Set(samples.map((sample) => sample.labels[label] ?? ''))
}

const CASES: readonly {
  readonly family: string
  readonly label: string
  readonly limit: number
  readonly touch: (metrics: Metrics, name: string) => void
}[] = [
  {
    family: 'switchhook_deliveries_total',
    label: 'webhook',
    limit: 1000,
    touch: (metrics, name) => metrics.delivery(name, 'dead'),
  },
  {
    family: 'switchhook_attempts_total',
    label: 'webhook',
    limit: 1000,
    touch: (metrics, name) => metrics.recorder.attempt(metrics.rowOf(name), 'tls', 1),
  },
  {
    family: 'switchhook_attempt_duration_seconds',
    label: 'webhook',
    limit: 1000,
    touch: (metrics, name) => metrics.recorder.attempt(metrics.rowOf(name), 'tls', 1),
  },
  {
    family: 'switchhook_invoke_duration_seconds',
    label: 'webhook',
    limit: 1000,
    touch: (metrics, name) => metrics.invoke(name, 'success', 1),
  },
  {
    family: 'switchhook_endpoint_latency_seconds',
    label: 'endpoint',
    limit: ENDPOINT_LIMIT,
    touch: (metrics, name) => metrics.endpointLatency(name, 1),
  },
  {
    family: 'switchhook_events_total',
    label: 'type',
    limit: EVENT_TYPE_LIMIT,
    touch: (metrics, name) => metrics.event(name, 'accepted'),
  },
  {
    family: 'switchhook_http_requests_total',
    label: 'route',
    limit: ROUTE_LIMIT,
    touch: (metrics, name) => metrics.httpRequest(name, 'GET', 200),
  },
]

describe.each(CASES)('$family{$label}', ({ family, label, limit, touch }) => {
  test.each([
    { name: 'the last name within the limit', extra: 0 },
    { name: 'one more name', extra: 1 },
    { name: 'ten more names', extra: 10 },
  ])('$name', async ({ extra }) => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    for (let index = 0; index < limit + extra; index += 1) touch(metrics, `name-${index}`)
    const values = await labelValues(metrics, family, label)
    expect(values.size).toBe(limit + (extra > 0 ? 1 : 0))
    expect(values.has(`name-${limit - 1}`)).toBe(true)
    expect(values.has(`name-${limit}`)).toBe(false)
    expect(values.has('other')).toBe(extra > 0)
  })
})

describe('what is shared is counted', () => {
  test('webhooks 1,001 and 1,002 and one that is called other add up', async () => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    for (let index = 1; index <= 1002; index += 1) metrics.delivery(`webhook-${index}`, 'delivered', index)
    metrics.delivery('other', 'delivered', 5)
    const families = readExposition(await metrics.text())
    const delivered = (webhook: string) =>
      valueIn(families, 'switchhook_deliveries_total', { webhook, result: 'delivered' })
    expect(delivered('webhook-1000')).toBe(1000)
    expect(delivered('other')).toBe(1001 + 1002 + 5)
  })

  test('circuits past the limit are shown as the worst of them', async () => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    metrics.circuits(() =>
      Array.from({ length: ENDPOINT_LIMIT + 3 }, (_, index) => ({
        endpoint: `endpoint-${index}`,
        state: index === ENDPOINT_LIMIT + 1 ? ('open' as const) : ('closed' as const),
      })),
    )
    const values = await labelValues(metrics, 'switchhook_circuit_state', 'endpoint')
    expect(values.size).toBe(ENDPOINT_LIMIT + 1)
    expect(valueIn(readExposition(await metrics.text()), 'switchhook_circuit_state', { endpoint: 'other' })).toBe(2)
  })

  test.each([
    { method: 'POST', status: 202, shown: { method: 'POST', status: '202' } },
    { method: 'BREW', status: 418, shown: { method: 'other', status: '418' } },
    { method: 'post', status: 100, shown: { method: 'other', status: '100' } },
    { method: 'GET', status: 99, shown: { method: 'GET', status: 'other' } },
    { method: 'GET', status: 599, shown: { method: 'GET', status: '599' } },
    { method: 'GET', status: 600, shown: { method: 'GET', status: 'other' } },
    { method: 'GET', status: 200.5, shown: { method: 'GET', status: 'other' } },
  ])('a $method answered with $status is shown as $shown', async ({ method, status, shown }) => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    metrics.httpRequest('/v1/events', method, status)
    const families = readExposition(await metrics.text())
    expect(valueIn(families, 'switchhook_http_requests_total', { route: '/v1/events', ...shown })).toBe(1)
  })
})
