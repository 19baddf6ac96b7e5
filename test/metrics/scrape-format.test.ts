/** Which format a client gets, and what OpenMetrics looks like. */
import { describe, expect, test } from 'vitest'
import { EXEMPLAR_LIMIT, Exemplars, exemplarKey } from '../../src/metrics/exemplars.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { asOpenMetrics, contentTypeOf, formatFor } from '../../src/metrics/scrape-format.ts'

const TRACE = (digit: string): string => `00-${digit.repeat(32)}-b7ad6b7169203331-01`

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

async function openMetrics(metrics: Metrics): Promise<string> {
  return Buffer.from(await metrics.scrape({ isOpenMetrics: true, isCompressed: false })).toString()
}

describe('a client that accepts', () => {
  test.each([
    { accept: '', encoding: '', isOpenMetrics: false, isCompressed: false },
    { accept: '*/*', encoding: 'identity', isOpenMetrics: false, isCompressed: false },
    { accept: PROMETHEUS, encoding: 'gzip', isOpenMetrics: true, isCompressed: true },
    { accept: 'text/plain;version=0.0.4', encoding: 'deflate, GZIP;q=0.5', isOpenMetrics: false, isCompressed: true },
    { accept: 'Application/OpenMetrics-Text', encoding: 'gzip;q=0', isOpenMetrics: true, isCompressed: false },
    {
      accept: 'application/openmetrics-text; q=0.0, */*',
      encoding: 'gzip;q=0.001',
      isOpenMetrics: false,
      isCompressed: true,
    },
    { accept: 'application/openmetrics-texts', encoding: 'gzipped', isOpenMetrics: false, isCompressed: false },
  ])('"$accept" and "$encoding" gets OpenMetrics: $isOpenMetrics, compressed: $isCompressed', (given) => {
    const { isOpenMetrics, isCompressed } = given
    expect(formatFor(given.accept, given.encoding)).toEqual({ isOpenMetrics, isCompressed })
    const expected = isOpenMetrics ? /^application\/openmetrics-text; version=1.0.0;/ : /^text\/plain; version=0.0.4;/
    expect(contentTypeOf({ isOpenMetrics, isCompressed })).toMatch(expected)
  })
})

describe('OpenMetrics', () => {
  test.each([
    {
      text: '# HELP a_total Help.\n# TYPE a_total counter\na_total 1\n',
      shown: '# HELP a Help.\n# TYPE a counter\na_total 1\n',
    },
    {
      text: '# HELP a_total Help.\n# TYPE a_total gauge\na_total 1\n',
      shown: '# HELP a_total Help.\n# TYPE a_total gauge\na_total 1\n',
    },
    { text: 'a 1\n\n\nb Nan\n', shown: 'a 1\nb NaN\n' },
  ])('of $text', ({ text, shown }) => {
    expect(asOpenMetrics(text)).toBe(`${shown}# EOF\n`)
  })

  test('has the latest trace of each bucket, the other format has none', async () => {
    const metrics = new Metrics({ version: '1', showsProcess: false })
    metrics.invoke('crm', 'success', 3)
    metrics.exemplar('crm', 'invoke', 3, TRACE('a'), 1000)
    metrics.exemplar('crm', 'invoke', 5, TRACE('b'), 2500)
    metrics.invoke('crm', 'success', 20_000)
    metrics.exemplar('crm', 'invoke', 20_000, TRACE('c'), 4000)
    const lines = (await openMetrics(metrics)).split('\n').filter((line) => line.includes('trace_id'))
    expect(lines).toEqual([
      `switchhook_invoke_duration_seconds_bucket{webhook="crm",le="0.005"} 1 # {trace_id="${'b'.repeat(32)}"} 0.005 2.5`,
      `switchhook_invoke_duration_seconds_bucket{webhook="crm",le="+Inf"} 2 # {trace_id="${'c'.repeat(32)}"} 20 4`,
    ])
    expect(await metrics.text()).not.toContain('trace_id')
  })

  test('ends with # EOF and has no empty line', async () => {
    const text = await openMetrics(new Metrics({ version: '1' }))
    expect(text).toMatch(/[^\n]\n# EOF\n$/)
    expect(text).not.toContain('\n\n')
  })
})

describe('exemplars', () => {
  test('are kept up to their limit, the longest untouched go first', () => {
    const exemplars = new Exemplars()
    for (let row = 0; row < EXEMPLAR_LIMIT; row += 1) exemplars.record(row, 'attempt', 1, TRACE('a'), row)
    exemplars.record(0, 'attempt', 1, TRACE('b'), 1)
    expect(exemplars.all.size).toBe(EXEMPLAR_LIMIT)
    exemplars.record(EXEMPLAR_LIMIT, 'attempt', 1, TRACE('a'), 1)
    expect(exemplars.all.size).toBe(EXEMPLAR_LIMIT)
    expect(exemplars.all.has(exemplarKey(1, 'attempt', 3))).toBe(false)
    expect(exemplars.all.get(exemplarKey(0, 'attempt', 3))?.traceId).toBe('b'.repeat(32))
  })

  test.each([
    { flags: '00', isKept: false },
    { flags: '01', isKept: true },
    { flags: '02', isKept: false },
    { flags: 'ff', isKept: true },
  ])('are made of traces with the flags $flags: $isKept', ({ flags, isKept }) => {
    const exemplars = new Exemplars()
    exemplars.record(0, 'invoke', 1, `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`, 1)
    exemplars.record(1, 'invoke', 1, '', 1)
    const traces = [...exemplars.all.values()].map(({ traceId }) => traceId)
    expect(traces).toEqual(isKept ? ['0af7651916cd43dd8448eb211c80319c'] : [])
  })
})
