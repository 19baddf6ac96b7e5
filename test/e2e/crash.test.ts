/**
 * The crash experiment as CI runs it, and the parts that make it notice a loss: an experiment that always ends well would
 * prove nothing. The long run is `npm run crash`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { killMoments } from '../../scripts/crash/kill-moment.ts'
import type { Arrival, Life, RetryCommand, SentEvent } from '../../scripts/crash/ledger.ts'
import { SeededRandom } from '../../scripts/crash/seeded-random.ts'
import { type Evidence, judge, SETTLE_LIMIT_MS } from '../../scripts/crash/verdict.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'scripts', 'crash', 'main.ts')

async function runCrash(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { output, errors, status: child.exitCode }
}

describe('npm run crash', () => {
  test('loses nothing that was accepted when the engine is killed ten times', async () => {
    const { output, errors, status } = await runCrash('--kills', '10', '--seed', '7')
    expect({ errors, output, status }).toEqual({
      errors: '',
      output: expect.stringContaining('Nothing lost, every duplicate explained, order kept.'),
      status: 0,
    })
    expect(output).toMatch(/^kills +10: \d+ under load, \d+ right after listening, \d+ during start-up$/m)
    expect(output).toMatch(/^accepted +[1-9]\d{2,}$/m)
    expect(output).toMatch(/^lost +0$/m)
    expect(output).toMatch(/^duplicates +\d+ in flight at a kill, 0 unexplained$/m)
    for (const what of ['replays', 'deactivations', 'reloads', 'backups']) {
      expect(output).toMatch(new RegExp(`^${what} +[1-9]`, 'm'))
    }
  }, 120_000)

  test('finds the losses of a store that keeps nothing', async () => {
    const { output, status } = await runCrash('--kills', '1', '--seed', '1', '--store', 'memory')
    expect(status).toBe(1)
    expect(output).toMatch(/^LOST: [1-9]/m)
  })

  test.each([
    ['--kills', '10001'],
    ['--kills', 'all'],
    ['--seed', '4294967296'],
    ['--store', 'disk'],
    ['--for', '1s'],
  ])('refuses %s %s with status 2 and says what would be right', async (...args) => {
    const { output, errors, status } = await runCrash(...args)
    expect({ output, status }).toEqual({ output: '', status: 2 })
    expect(errors).toContain('Usage: npm run crash')
  })
})

describe('the moments of the kills', () => {
  const moments = (seed: number) => killMoments(200, new SeededRandom(seed, 'kills'))

  test('are those of the seed', () => {
    expect(moments(1)).toEqual(moments(1))
    expect(moments(1)).not.toEqual(moments(2))
  })

  test('begin under load, and lie in all phases of a life', () => {
    expect(moments(1)[0]?.phase).toBe('load')
    const phases = Map.groupBy(moments(1), ({ phase }) => phase)
    expect([...phases.keys()].sort()).toEqual(['listening', 'load', 'start-up'])
    for (const inPhase of phases.values()) expect(inPhase.length).toBeGreaterThan(15)
  })
})

describe('the judgement', () => {
  /** Two steps of a call; a step triggers the webhooks `ordered` and `form`. */
  const step = (number: number): SentEvent => ({
    number,
    id: `e-${number}`,
    type: 'call.step',
    call: 'call-1',
    place: number,
    acceptedAtMs: 10 * number,
    unanswered: 0,
  })
  const taken = (atMs: number, life = 1): Arrival => ({
    webhookId: 'id',
    life,
    generation: 1,
    receivedAtMs: atMs,
    result: 'taken',
    endedAtMs: atMs + 1,
  })
  const refused = (atMs: number, life = 1): Arrival => ({ ...taken(atMs, life), result: 'refused' })
  const open = (atMs: number, life = 1): Arrival => ({
    webhookId: 'id',
    life,
    generation: 1,
    receivedAtMs: atMs,
    result: 'open',
  })
  const KILLED_AT_MS = 5000
  const lives: readonly Life[] = [
    { number: 1, phase: 'load', spawnedAtMs: 0, listeningAtMs: 5, killedAtMs: KILLED_AT_MS },
    { number: 2, phase: 'none', spawnedAtMs: 5010, listeningAtMs: 5020 },
  ]

  /** Event 1 whose delivery to `form` went as `arrivals` say; all else is well. */
  function judged(arrivals: readonly Arrival[], evidence: Partial<Evidence> = {}) {
    return judge({
      lives,
      events: new Map([['e-1', step(1)]]),
      arrivals: new Map([
        ['ordered e-1', [taken(20)]],
        ['form e-1', arrivals],
      ]),
      commands: new Map(),
      replays: [],
      inactive: [],
      reloads: [],
      dead: new Set(),
      ...evidence,
    })
  }

  function counted(judgement: ReturnType<typeof judge>) {
    const { lost, duplicates } = judgement
    const { inFlight, askedFor, unexplained } = duplicates
    return { lost: lost.length, inFlight, askedFor, unexplained: unexplained.length }
  }

  const CLEAN = { lost: 0, inFlight: 0, askedFor: 0, unexplained: 0 }

  test.each<[what: string, arrivals: readonly Arrival[], counts: Partial<typeof CLEAN>]>([
    ['one that was taken', [taken(20)], {}],
    ['one that was taken at the second attempt', [refused(20), taken(40)], {}],
    ['one that never came', [], { lost: 1 }],
    ['one that was only refused', [refused(20), refused(40)], { lost: 1 }],
    ['one that was cut off by the kill and never came again', [open(4990)], { lost: 1 }],
    ['one that was cut off by the kill and came again', [open(4990), taken(5100, 2)], { inFlight: 1 }],
    ['one that was answered right before the kill', [taken(4990), taken(5100, 2)], { inFlight: 1 }],
    [
      'one that was answered at the limit before the kill',
      [taken(KILLED_AT_MS - SETTLE_LIMIT_MS - 1), taken(5100, 2)],
      { inFlight: 1 },
    ],
    [
      'one that was answered earlier than that',
      [taken(KILLED_AT_MS - SETTLE_LIMIT_MS - 2), taken(5100, 2)],
      { unexplained: 1 },
    ],
    ['one that came twice from one life', [taken(4990), taken(4995)], { unexplained: 1 }],
    ['one that came again though nobody was killed', [taken(5100, 2), taken(5200, 2)], { unexplained: 1 }],
    ['one whose answer came too late', [open(5100, 2), taken(5200, 2)], {}],
  ])('of %s', (_, arrivals, counts) => {
    expect(counted(judged(arrivals))).toEqual({ ...CLEAN, ...counts })
  })

  test.each([
    ['at the limit of a machine three times as slow', 1, { inFlight: 1 }],
    ['earlier than that', 2, { unexplained: 1 }],
  ])('of one that was answered %s', (_, moreMs, counts) => {
    const slow = lives.map((life) => (life.number === 2 ? { ...life, listeningAtMs: life.spawnedAtMs + 3000 } : life))
    const answeredAtMs = KILLED_AT_MS - 3 * SETTLE_LIMIT_MS - moreMs
    const judgement = judged([taken(answeredAtMs), taken(9000, 2)], { lives: slow })
    expect(counted(judgement)).toEqual({ ...CLEAN, ...counts })
  })

  test('takes a dead letter for kept', () => {
    expect(counted(judged([refused(20)], { dead: new Set(['form e-1']) }))).toEqual(CLEAN)
  })

  test('owes nothing for an event that was never confirmed', () => {
    const { acceptedAtMs: _, ...unconfirmed } = step(1)
    expect(judged([], { events: new Map([['e-1', unconfirmed]]) })).toMatchObject({ accepted: 0, deliveries: 0 })
  })

  test('does not take an event that was accepted twice for a delivery in flight', () => {
    const again: Arrival = { ...taken(5100, 2), webhookId: 'another' }
    expect(counted(judged([taken(4990), again]))).toEqual({ ...CLEAN, unexplained: 1 })
  })

  test.each<[state: string, result: RetryCommand['result'], arrivals: readonly Arrival[], expected: object]>([
    ['delivered', 'confirmed', [taken(20), taken(60)], { askedFor: 1 }],
    ['delivered', 'unanswered', [taken(20), taken(60)], { askedFor: 1 }],
    ['delivered', 'confirmed', [taken(20), taken(60), taken(70)], { askedFor: 1, unexplained: 1 }],
    ['delivered', 'confirmed', [taken(20), taken(40)], { unexplained: 1, forgotten: 1 }],
    ['delivered', 'confirmed', [taken(20)], { forgotten: 1 }],
    ['delivered', 'unanswered', [taken(20)], {}],
    ['pending', 'confirmed', [taken(20)], {}],
  ])('of a retry command at 50 ms for a %s delivery, %s', (state, result, arrivals, expected) => {
    const commands = new Map([['form e-1', { state, sentAtMs: 50, result }]])
    const judgement = judged(arrivals, { commands })
    const counts = { ...counted(judgement), forgotten: judgement.forgottenCommands.length }
    expect(counts).toEqual({ ...CLEAN, forgotten: 0, ...expected })
  })

  test.each<[what: string, first: readonly Arrival[], second: readonly Arrival[], outOfOrder: number]>([
    ['in order', [taken(20)], [taken(30)], 0],
    ['after a failed attempt of the first', [refused(20), taken(40)], [taken(50)], 0],
    ['before the first was taken', [refused(20), taken(40)], [taken(30)], 1],
    ['without the first', [], [taken(30)], 1],
    ['before a repeat of the first', [taken(20), taken(5100, 2)], [taken(30)], 0],
  ])('of an ordered delivery that came %s', (_, first, second, outOfOrder) => {
    const judgement = judged([taken(20)], {
      events: new Map([
        ['e-1', step(1)],
        ['e-2', step(2)],
      ]),
      arrivals: new Map([
        ['ordered e-1', first],
        ['ordered e-2', second],
      ]),
    })
    expect(judgement.outOfOrder).toHaveLength(outOfOrder)
  })
})
