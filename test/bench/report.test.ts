/**
 * What a report looks like: figures with their spread, tables, targets beside gates, a drawing, and its place in a page.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { withReport } from '../../bench/report/between-markers.ts'
import { figureText, seriesText } from '../../bench/report/figure-text.ts'
import { percentilePlot } from '../../bench/report/percentile-plot.ts'
import { judgeAll, reportText } from '../../bench/report/report.ts'
import type { BenchRun } from '../../bench/runner.ts'

describe('a figure', () => {
  test.each([
    [0.08912, '0.0891'],
    [1.0049, '1.00'],
    [99.96, '100'],
    [1234.5, '1,235'],
    [Number.NaN, '–'],
  ])('%d is told as %s', (value, text) => {
    expect(figureText(value)).toBe(text)
  })

  test.each([
    [{ name: '', unit: 'µs', values: [3, 1, 2] }, '2.00 µs (1.00 to 3.00)'],
    [{ name: '', unit: '', values: [1.5] }, '1.50'],
  ])('a series is told with its spread, a single value without', (series, text) => {
    expect(seriesText(series)).toBe(text)
  })
})

describe('a report', () => {
  const info = {
    ...{ at: '2026-11-21T10:00:00.000Z', machine: '2 × CPU', processor: 'CPU' },
    ...{ node: 'v24.21.0', commit: '4a7f280' },
  }
  const gate = {
    name: 'cost',
    what: 'cost, of bare dispatch',
    bench: 'deliveries',
    better: 'less',
    target: 1.6,
    reached: [{ processor: 'CPU', value: 2, measured: '2026-11-21 4a7f280' }],
    isGuarded: true,
  } as const
  const run: BenchRun = {
    name: 'deliveries',
    summary: 'what a delivery costs',
    result: {
      tables: [
        { title: 'A delivery', columns: ['what', 'CPU'], rows: [['a|b', { name: '', unit: 'µs', values: [2] }]] },
      ],
      ratios: [{ gate: 'cost', values: [1.9] }],
      controls: [],
      latencies: [],
    },
    noise: [],
    broken: '',
    runs: 1,
  }

  test('begins with what it was made on, then targets beside gates, then tables', () => {
    expect(reportText(info, [run], judgeAll([gate], [run], 'CPU', 1)).split('\n')).toEqual([
      '2026-11-21 10:00 UTC, 2 × CPU, Node.js v24.21.0, commit 4a7f280',
      '',
      '### Targets',
      '',
      '| what                   |       target |  now |         gate |            verdict |',
      '| ---------------------- | -----------: | ---: | -----------: | -----------------: |',
      '| cost, of bare dispatch | at most 1.60 | 1.90 | at most 2.30 | target not reached |',
      '',
      '## deliveries: what a delivery costs',
      '',
      '### A delivery',
      '',
      '| what |     CPU |',
      '| ---- | ------: |',
      '| a\\|b | 2.00 µs |',
    ])
  })

  test.each([
    {
      title: 'noise',
      changes: { noise: ['it shakes'], runs: 3 },
      texts: ['too noisy to judge', 'Measured 3 times', 'it shakes'],
    },
    {
      title: 'what broke',
      changes: { result: undefined, broken: 'no Redis' },
      texts: ['not measured', 'Not measured: no Redis'],
    },
  ])('tells of $title', ({ changes, texts }) => {
    const changed = { ...run, ...changes }
    const text = reportText(info, [changed], judgeAll([gate], [changed], 'CPU', 1))
    for (const each of texts) expect(text).toContain(each)
  })

  test.each([
    { runs: 1, verdict: { kind: 'too-noisy', median: 9 } },
    { runs: 2, verdict: { kind: 'fail', median: 9 } },
  ])('fails no gate that was measured once where twice is asked for: $runs', ({ runs, verdict }) => {
    const result = { tables: [], ratios: [{ gate: 'cost', values: [9] }], controls: [], latencies: [] }
    expect(judgeAll([gate], [{ ...run, result, runs }], 'CPU', 2)).toMatchObject([{ verdict }])
  })

  test('says nothing of gates whose bench did not run', () => {
    expect(judgeAll([gate], [], 'CPU', 1)).toEqual([])
  })
})

describe('a page', () => {
  const page = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n'

  test('gets the report between its markers, again and again', () => {
    const once = withReport(page, 'new')
    expect(once).toBe('before\n<!-- bench: begin -->\n\nnew\n\n<!-- bench: end -->\nafter\n')
    expect(withReport(once, 'new')).toBe(once)
  })

  test.each(['', '<!-- bench: begin -->', '<!-- bench: end --> <!-- bench: begin -->', page + page])(
    'without one marker of each is refused: %j',
    (text) => {
      expect(() => withReport(text, 'new')).toThrow('one line <!-- bench: begin -->')
    },
  )
})

describe('the drawing of latencies', () => {
  const points = [
    { percentile: 0, latencyMs: 0.1 },
    { percentile: 99, latencyMs: 2 },
    { percentile: 100, latencyMs: 40 },
  ]

  test('is well-formed, with a line and a name for each contender, whatever the name', () => {
    const drawing = percentilePlot('Calls & more', [
      { name: 'a <b>', points },
      { name: 'c', points },
    ])
    expect(XMLValidator.validate(drawing)).toBe(true)
    const { svg } = new XMLParser({ ignoreAttributes: false }).parse(drawing)
    expect(svg.title).toBe('Calls & more')
    expect(svg.polyline.length).toBe(2)
    const texts = svg.text.map((each: { readonly '#text': string }) => each['#text'])
    expect(texts).toEqual(expect.arrayContaining(['Calls & more', 'a <b>', 'c', '99.99 %', '0.1 ms', '100 ms']))
  })

  test('goes right with percentiles, up with latencies, and stays inside', () => {
    const drawing = percentilePlot('', [{ name: 'a', points }])
    const [, path = ''] = /points="([^"]+)"/.exec(drawing) ?? []
    const places = path.split(' ').map((pair) => pair.split(',').map(Number))
    const [xs, ys] = [places.map(([x = Number.NaN]) => x), places.map(([, y = Number.NaN]) => y)]
    expect(xs).toEqual(xs.toSorted((a, b) => a - b))
    expect(ys).toEqual(ys.toSorted((a, b) => b - a))
    expect(Math.min(...xs, ...ys)).toBeGreaterThan(0)
    expect(Math.max(...xs)).toBeLessThan(820)
    expect(Math.max(...ys)).toBeLessThan(460)
  })
})
