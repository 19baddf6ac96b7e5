/**
 * The experiment `ordered` as CI runs it, and its judgement: an experiment that finds no mistake must be able to find one.
 */
import { describe, expect, test } from 'vitest'
import {
  CLOSE_LAG_MS,
  judgeCall,
  type PlacedArrival,
  SETTLE_LIMIT_MS,
} from '../../scripts/experiments/ordered/verdict.ts'
import { RUN_TIMEOUT_MS, runExperiment } from './run-experiment.ts'

test(
  '2,000 deliveries of ordered webhooks keep their order through failures and four kills',
  async () => {
    const { status, output, errors, json } = await runExperiment('ordered', '--deliveries', '2000', '--kills', '3')
    expect({ status, errors, broken: json?.broken }, output).toEqual({ status: 0, errors: '', broken: [] })
    expect(json.figures).toMatchObject({ outOfOrder: 0, lost: 0, unexplained: 0, kills: 4 })
    expect(json.figures.counts).toMatchObject({ pending: 0 })
    expect(json.figures.deliveries).toBeGreaterThanOrEqual(2000)
    // Failures did happen, and so did dead letters that were sent again.
    expect(json.figures.refused).toBeGreaterThan(20)
    expect(json.figures.replayed).toBeGreaterThan(0)
  },
  RUN_TIMEOUT_MS,
)

describe('the judgement', () => {
  const KILLED_AT_MS = 5000
  const taken = (place: number, atMs: number): PlacedArrival => ({
    place,
    // Some that the first process sent arrive after its end.
    life: atMs < KILLED_AT_MS + 50 ? 1 : 2,
    receivedAtMs: atMs,
    result: 'taken',
    endedAtMs: atMs + 1,
  })
  const refused = (place: number, atMs: number): PlacedArrival => ({ ...taken(place, atMs), result: 'refused' })
  const open = (place: number, atMs: number): PlacedArrival => ({ ...taken(place, atMs), result: 'open', endedAtMs: 0 })

  interface Counts {
    readonly outOfOrder: number
    readonly inFlight: number
    readonly unexplained: number
    readonly untaken: readonly number[]
  }
  const CLEAN: Counts = { outOfOrder: 0, inFlight: 0, unexplained: 0, untaken: [] }

  function judged(
    arrivals: readonly PlacedArrival[],
    attempts?: number,
    replay?: { places: number[]; ahead: number[] },
  ) {
    const verdict = judgeCall({
      name: 'call 1',
      arrivals,
      length: 3,
      attempts,
      killsAtMs: [KILLED_AT_MS, undefined],
      replay: replay && { places: new Set(replay.places), ahead: replay.ahead, atMs: 100 },
    })
    const { outOfOrder, inFlight, unexplained, untaken } = verdict
    return { outOfOrder: outOfOrder.length, inFlight, unexplained: unexplained.length, untaken }
  }

  test.each<[what: string, arrivals: readonly PlacedArrival[], counts: Partial<Counts>]>([
    ['all in order', [taken(0, 10), taken(1, 20), taken(2, 30)], {}],
    ['a failure that is tried again', [taken(0, 10), refused(1, 20), taken(1, 25), taken(2, 30)], {}],
    ['the last that never came', [taken(0, 10), taken(1, 20)], { untaken: [2] }],
    ['one that was only refused', [taken(0, 10), taken(1, 20), refused(2, 30)], { untaken: [2] }],
    ['one that comes before the one before it', [taken(1, 10), taken(0, 20), taken(2, 30)], { outOfOrder: 2 }],
    [
      'one that comes while the one before is refused',
      [refused(0, 10), taken(1, 20), taken(2, 30)],
      { outOfOrder: 1, untaken: [0] },
    ],
    ['one that comes at the moment when the one before is answered', [taken(0, 10), taken(1, 11), taken(2, 30)], {}],
    ['one that comes before that', [taken(0, 10), taken(1, 10.9), taken(2, 30)], { outOfOrder: 1 }],
    ['one that is left out', [taken(0, 10), taken(2, 20)], { outOfOrder: 1, untaken: [1] }],
    ['a late repeat', [taken(0, 4990), taken(1, 4995), taken(0, 5100), taken(2, 5200)], { outOfOrder: 1, inFlight: 1 }],
    ['a repeat after a kill', [taken(0, 4990), taken(0, 5100), taken(1, 5200), taken(2, 5300)], { inFlight: 1 }],
    [
      'a repeat of one that was cut off',
      [open(0, 4990), taken(0, 5100), taken(1, 5200), taken(2, 5300)],
      { inFlight: 1 },
    ],
    [
      'a repeat of one that arrived after the kill',
      [taken(0, 5020), taken(0, 5100), taken(1, 5200), taken(2, 5300)],
      { inFlight: 1 },
    ],
    [
      'one that came while it was still open',
      [open(0, 10), taken(0, 20), taken(1, 30), taken(2, 40)],
      { unexplained: 1 },
    ],
    [
      'a retry that arrives before the end of the refused one is noticed',
      [{ ...refused(0, 10), endedAtMs: 20 + CLOSE_LAG_MS }, taken(0, 20), taken(1, 30), taken(2, 40)],
      {},
    ],
    [
      'one that came while another of it was under way',
      [{ ...refused(0, 10), endedAtMs: 21 + CLOSE_LAG_MS }, taken(0, 20), taken(1, 30), taken(2, 40)],
      { unexplained: 1 },
    ],
    ['a repeat without a kill', [taken(0, 10), taken(0, 20), taken(1, 30), taken(2, 40)], { unexplained: 1 }],
    [
      'a repeat at the limit before the kill',
      [taken(0, KILLED_AT_MS - SETTLE_LIMIT_MS - 1), taken(0, 5100), taken(1, 5200), taken(2, 5300)],
      { inFlight: 1 },
    ],
    [
      'a repeat of one taken earlier than that',
      [taken(0, KILLED_AT_MS - SETTLE_LIMIT_MS - 2), taken(0, 5100), taken(1, 5200), taken(2, 5300)],
      { unexplained: 1 },
    ],
  ])('of %s', (_, arrivals, counts) => {
    expect(judged(arrivals)).toEqual({ ...CLEAN, ...counts })
  })

  test.each<[what: string, arrivals: readonly PlacedArrival[], counts: Partial<Counts>]>([
    ['the next after both attempts', [refused(0, 10), refused(0, 20), taken(1, 30), taken(2, 40)], { untaken: [0] }],
    [
      'the next after one of two attempts',
      [refused(0, 10), taken(1, 30), taken(2, 40)],
      { outOfOrder: 1, untaken: [0] },
    ],
  ])('of a webhook with two attempts: %s', (_, arrivals, counts) => {
    expect(judged(arrivals, 2)).toEqual({ ...CLEAN, ...counts })
  })

  const dead = [refused(0, 10), refused(0, 20), refused(1, 30), refused(1, 40)]

  test.each<[what: string, arrivals: readonly PlacedArrival[], counts: Partial<Counts>]>([
    ['behind what was pending, in their order', [taken(2, 110), taken(0, 120), taken(1, 130)], {}],
    ['before what was pending', [taken(0, 110), taken(2, 120), taken(1, 130)], { outOfOrder: 1 }],
    ['in another order', [taken(2, 110), taken(1, 120), taken(0, 130)], { outOfOrder: 1 }],
    ['never', [taken(2, 110), taken(0, 120)], { untaken: [1] }],
  ])('of dead letters that come again %s', (_, arrivals, counts) => {
    expect(judged([...dead, ...arrivals], 2, { places: [0, 1], ahead: [2] })).toEqual({ ...CLEAN, ...counts })
  })
})
