/** Figures as lines of a terminal, at every width and height, and as one plain line. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Figures, figuresOf } from '../../src/cli/top-figures.ts'
import type { Line } from '../../src/cli/top-layout.ts'
import { topLine } from '../../src/cli/top-line.ts'
import { bytesText, countText, latencyText, rateText, spanText } from '../../src/cli/top-text.ts'
import { topLines } from '../../src/cli/top-view.ts'
import type { Stats } from '../../src/client/client.ts'
import { sample } from './top-samples.ts'

const NOW_MS = Date.parse('2026-11-21T08:00:00Z')
const FRAME = { columns: 80, rows: 24, url: 'http://127.0.0.1:8080', nowMs: NOW_MS }

const textOf = (line: Line): string => line.map(({ text }) => text).join('')
const drawn = (figures: Figures, frame = {}): readonly string[] => topLines(figures, { ...FRAME, ...frame }).map(textOf)

const TROUBLE: Partial<Stats> = {
  circuits: Array.from({ length: 30 }, (_, index) => ({
    endpoint: `https://crm-${index}.example.com`,
    account: 'acme',
    state: 'open',
    since: '2026-11-21T07:57:00Z',
    reason: 'connect-timeout',
    nextProbe: '2026-11-21T08:00:03.500Z',
  })),
  held: {
    deliveries: { 'circuit-open': 12_332, inactive: 4 },
    webhooks: [
      {
        webhook: 'crm',
        account: 'acme',
        reason: 'circuit-open',
        until: '2026-11-21T08:00:00.200Z',
        deliveries: 12_332,
      },
      { webhook: 'erp', account: 'default', reason: 'inactive', deliveries: 4 },
    ],
  },
  outbox: { pending: 12_400, delivered: 1, dead: 2 },
  readiness: [
    { name: 'store', ready: false, detail: 'the disk is nearly full' },
    { name: 'workers', ready: true, detail: '2 of 2 up' },
  ],
  deactivated: [{ webhook: 'erp', reason: 'gone' }],
}
const SLOW = `switchhook_endpoint_latency_seconds{endpoint="https://slow.example.com",quantile="0.5"} 0.0042
switchhook_endpoint_latency_seconds{endpoint="https://slow.example.com",quantile="0.99"} 4.9
`

test('a quiet engine at 80 columns', () => {
  expect(drawn(figuresOf(sample(), sample({ atMs: 61_000, events: 1304 })))).toEqual([
    'switchhook http://127.0.0.1:8080   up 1m 1s   08:00:00 UTC',
    'events          1,204/s   deliveries          0/s   attempts            0/s',
    'invokes             0/s   retries             0/s   dead                0/s',
    'invoke p50            -   lag p50               -   loop p99              -',
    'invoke p99            -   lag p99               -   busiest               -',
    'pending               0   held                  0   in flight             0',
    'dead so far           1   oldest                -   store                 -',
    'memory                -   heap                  -   disk free             -',
    'ready',
    'q quits  p pauses  (latencies of invokes and endpoints: last two minutes)',
  ])
})

test('an engine in trouble at 80 columns: what is wrong stands above what is slow, and each has its share', () => {
  const figures = figuresOf(undefined, sample(TROUBLE, SLOW))
  expect(drawn(figures, { rows: 26 }).slice(8)).toEqual([
    'not ready: store: the disk is nearly full',
    'not active: erp (gone)',
    '',
    'circuit                  account  state      for      probe    reason         ',
    'https://crm-0.example.…  acme     open       3m       in 3s    connect-timeout',
    'https://crm-1.example.…  acme     open       3m       in 3s    connect-timeout',
    '… and 28 more',
    '',
    'waits for                         account     deliveries  because              ',
    'crm                               acme            12,332  circuit-open, now    ',
    'erp                               default              4  inactive             ',
    '',
    'slowest endpoint                                        p50       p99    answers',
    'https://slow.example.com                             4.2 ms     4.9 s          -',
    'q quits  p pauses  (latencies of invokes and endpoints: last two minutes)',
  ])
})

test.each([
  [30, 3],
  [60, 2],
  [80, 3],
  [120, 4],
])('at %i columns', (columns, perLine) => {
  const [, first = ''] = drawn(figuresOf(undefined, sample()), { columns })
  expect(first.match(/events|deliveries|attempts|invokes/g)?.length).toBe(columns === 30 ? 1 : perLine)
})

describe('what the first lines tell', () => {
  const now = sample({ atMs: 61_000 })
  test.each([
    [
      'a restart',
      figuresOf(sample({ atMs: 70_000 }), now),
      {},
      'the engine was started anew: rates begin with the next',
    ],
    ['a problem', figuresOf(undefined, now), { problem: 'nobody answers' }, 'no newer figures: nobody answers'],
    ['a pause', figuresOf(undefined, now), { isPaused: true }, '08:00:00 UTC   paused'],
    ['accounts', figuresOf(undefined, sample({ accounts: ['acme', 'b'] })), {}, 'only of acme, b: rates and latencies'],
  ] as const)('%s', (_name, figures, frame, text) => {
    expect(drawn(figures, frame).slice(0, 2).join('\n')).toContain(text)
  })
})

test('no frame is larger than its terminal, and no text from elsewhere rules it', () => {
  const nasty = sample({ ...TROUBLE, readiness: [{ name: 'a\u001b[2Jb', ready: false, detail: '\u009b31m\n' }] }, SLOW)
  const figures = figuresOf(undefined, nasty)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 80 }), (columns, rows) => {
      const lines = drawn(figures, { columns, rows })
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) {
        expect([...line].length).toBeLessThanOrEqual(columns)
        expect(line).not.toMatch(/\p{Cc}/u)
      }
    }),
  )
})

test('one plain line has names before their figures', () => {
  const now = sample({ ...TROUBLE, atMs: 61_000, events: 104, invokeP50Ms: 4.21, invokeP99Ms: 12 })
  expect(topLine(figuresOf(sample(), now))).toBe(
    '2026-11-21T08:00:00.000Z  events 4.0/s  deliveries 0/s  attempts 0/s  invokes 0/s  invoke p50 4.2 ms p99 12 ms  ' +
      'lag p50 - p99 -  pending 12,400  held 12,336  dead 2  circuits 30  memory -  not ready: store (the disk is nearly full)',
  )
  expect(topLine(figuresOf(sample({ atMs: 70_000 }), sample()))).toMatch(/ready {2}the engine was started anew$/)
})

describe('figures as short texts', () => {
  test.each([
    [rateText(0), '0/s'],
    [rateText(0.04), '0.0/s'],
    [rateText(9.94), '9.9/s'],
    [rateText(9.96), '10/s'],
    [rateText(12_345.6), '12,346/s'],
    [rateText(undefined), '-'],
    [countText(9_999_999), '9,999,999'],
    [countText(10_000_000), '10.0 M'],
    [latencyText(9.94), '9.9 ms'],
    [latencyText(9.96), '10 ms'],
    [latencyText(999.4), '999 ms'],
    [latencyText(999.6), '1.0 s'],
    [spanText(-5), '0s'],
    [spanText(59_999), '59s'],
    [spanText(60_000), '1m'],
    [spanText(3_600_000 + 5000), '1h'],
    [spanText(200_000), '3m 20s'],
    [spanText(2 * 86_400_000 + 3 * 3_600_000 + 60_000), '2d 3h'],
    [bytesText(999), '999 B'],
    [bytesText(1000), '1.0 KiB'],
    [bytesText(9.96 * 1024), '10 KiB'],
    [bytesText(1.25 * 1024 ** 3), '1.3 GiB'],
    [bytesText(5000 * 1024 ** 4), '5000 TiB'],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected))
})
