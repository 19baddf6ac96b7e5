/**
 * The experiment `clock` as CI runs it, and what it judges by: it must be able to find what it looks for.
 */
import { describe, expect, test } from 'vitest'
import { checkClock, findStill } from '../../scripts/experiments/clock/checks.ts'
import { Books, type Request } from '../../scripts/experiments/world/books.ts'
import { AWAY, HELD, RATED, RETRIED, RETRY_MS, WEBHOOKS } from '../../scripts/experiments/world/webhooks.ts'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

const HOUR_MS = 3_600_000

test(
  'an engine whose clock is stepped by an hour, forth and back, loses nothing and sends nothing too early',
  async () => {
    const { status, output, errors, json } = await runExperiment('clock', '--seconds', '4')
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    // Some did wait for a time that a step had put off.
    expect(json.figures.waitedForSteps).toBeGreaterThan(0)
    expect(json.figures.recoveryMs).toHaveLength(5)
  },
  RUN_TIMEOUT_MS,
)

describe('the judgement', () => {
  /** Wall time is 1,000,000 s when the run begins; the clock goes an hour forth at 100 s and back at 200 s. */
  const START_WALL_MS = 1e9
  const STEPS = [
    { atMs: 0, offsetMs: 0 },
    { atMs: 100_000, offsetMs: HOUR_MS },
    { atMs: 200_000, offsetMs: 0 },
  ]
  const HELD_SPAN = { fromMs: 50_000, untilMs: 250_000 }

  /** A request signed with the clock as it stands then, plus `skewMs`. */
  function request(atMs: number, isTaken = true, skewMs = 0): Request {
    const offsetMs = STEPS.findLast((step) => step.atMs <= atMs)?.offsetMs ?? 0
    return { atMs, isTaken, webhookId: 'id', timestamp: Math.floor((START_WALL_MS + atMs + offsetMs + skewMs) / 1000) }
  }

  /** One event, accepted at 10 s, and these requests for it. */
  function found(requests: readonly (readonly [webhook: string, request: Request])[], acceptedAtMs = 10_000) {
    const books = new Books()
    books.newEvent('call-1').acceptedAtMs = acceptedAtMs
    for (const { atMs } of STEPS) books.arrive(AWAY, 1, request(atMs + 500))
    for (const [webhook, each] of requests) books.arrive(webhook, 1, each)
    return checkClock(books, STEPS, START_WALL_MS, HELD_SPAN)
  }

  const retried = (...times: readonly number[]) =>
    times.map((atMs, index) => [RETRIED, request(atMs, index === times.length - 1)] as const)

  test.each<[what: string, requests: Parameters<typeof found>[0], broken: RegExp | undefined]>([
    ['a first attempt at once', [['plain', request(10_050)]], undefined],
    ['a first attempt after 15 s', [['plain', request(25_000)]], undefined],
    ['a first attempt later than that', [['plain', request(25_001)]], /came 15001 ms after acceptance/],
    ['a first attempt after a step back', [['plain', request(210_000)]], undefined],
    ['a retry in time', retried(20_000, 20_000 + RETRY_MS), undefined],
    ['a retry 20 ms early', retried(20_000, 20_000 + RETRY_MS - 20), undefined],
    ['a retry earlier than that', retried(20_000, 20_000 + RETRY_MS - 21), /sent again after 1979 ms/],
    ['an early retry over a step forth', retried(99_900, 100_100), undefined],
    ['an early retry over a step back', retried(199_900, 200_100), /sent again after 200 ms/],
    ['a time that is 4 s wrong', [['plain', request(10_050, true, -4000)]], undefined],
    ['a time that is an hour wrong', [['plain', request(10_050, true, HOUR_MS)]], /was signed with/],
    ['a request while deactivated', [[HELD, request(60_000)]], /deactivated webhook was sent to/],
    ['a request that was in flight then', [[HELD, request(54_000)]], undefined],
    ['130 limited ones in 2 s', Array.from({ length: 130 }, (_, at) => [RATED, request(30_000 + at * 10)]), undefined],
    ['131 of them', Array.from({ length: 131 }, (_, at) => [RATED, request(30_000 + at * 10)]), /131 limited requests/],
  ])('of %s', (_, requests, broken) => {
    // A limited webhook takes each event once; here all stand for one.
    const texts = found(requests, requests[0]?.[1].atMs === 210_000 ? 199_000 : 10_000).broken
    if (broken === undefined) expect(texts).toEqual([])
    else expect(texts.join('\n')).toMatch(broken)
  })

  test('finds a server that was back and is not sent to', () => {
    const books = new Books()
    books.arrive(AWAY, 1, request(100_500))
    expect(checkClock(books, STEPS, START_WALL_MS, HELD_SPAN).broken).toEqual([
      'after step 2 a server that was back was not sent to',
    ])
  })

  test('finds a webhook that stands still in the second half of a phase', () => {
    const books = new Books()
    const ids = WEBHOOKS.map(({ id }) => id).filter((id) => id !== AWAY && id !== HELD)
    for (const id of ids) books.arrive(id, 1, request(id === RATED ? 14_999 : 15_000))
    const phase = { name: 'an hour behind', fromMs: 10_000, untilMs: 20_000 }
    expect(findStill(books, [phase])).toEqual([`an hour behind: the webhook ${RATED} stood still`])
  })
})
