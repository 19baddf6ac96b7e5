/**
 * The verdict of the crash experiment on replays, activations and reloads: what they explain, and what it notices where they
 * were not carried out.
 */
import { describe, expect, test } from 'vitest'
import type { Arrival, InactiveSpan, Life, Reload, ReplayCommand, SentEvent } from '../../scripts/crash/ledger.ts'
import { owedOf } from '../../scripts/crash/owed.ts'
import { type Evidence, judge } from '../../scripts/crash/verdict.ts'

const arrival = (atMs: number, generation = 1): Arrival => ({
  ...{ webhookId: 'id', life: 1, generation, receivedAtMs: atMs, result: 'taken', endedAtMs: atMs + 1 },
})

/** The end of a call, sent at 1000 and confirmed at 1010; it triggers four webhooks, of which `form` is looked at. */
const END: SentEvent = {
  ...{ number: 1, id: 'e-1', type: 'call.end', call: 'call-1', place: 0, sentAtMs: 1000, acceptedAtMs: 1010 },
  ...{ unanswered: 0, deliveries: 4 },
}

function judged(arrivals: readonly Arrival[], evidence: Partial<Evidence>) {
  const others = ['ordered', 'slow', 'brittle'].map((webhook) => [`${webhook} e-1`, [arrival(1020)]] as const)
  return judge({
    lives: [{ number: 1, phase: 'none', spawnedAtMs: 0 }],
    events: new Map([['e-1', END]]),
    arrivals: new Map([['form e-1', arrivals], ...others]),
    ...{ commands: new Map(), replays: [], inactive: [], reloads: [], dead: new Set(), ...evidence },
  })
}

const REPLAY: ReplayCommand = {
  ...{ webhook: 'form', state: 'delivered', sinceAtMs: 500, untilAtMs: 1500, sentAtMs: 2000, endedAtMs: 2100 },
  ...{ result: 'confirmed', count: 1 },
}

describe('a replay', () => {
  test.each<[what: string, replay: Partial<ReplayCommand>, arrivals: readonly number[], counts: object]>([
    ['explains that one came again', {}, [1020, 2050], { replayed: 1, unexplained: 0, forgotten: 0 }],
    ['that was cut off does too', { result: 'unanswered' }, [1020, 2050], { replayed: 1, unexplained: 0 }],
    ['of dead ones does too', { state: 'dead' }, [1020, 2050], { replayed: 1, unexplained: 0 }],
    ['explains one of two', {}, [1020, 2050, 2060], { replayed: 1, unexplained: 1 }],
    ['explains nothing that came before it', {}, [1020, 1999], { unexplained: 1, forgotten: 1 }],
    ['explains nothing that was taken after its end', {}, [2101, 2200], { unexplained: 1 }],
    ['of another webhook explains nothing', { webhook: 'slow', count: 0 }, [1020, 2050], { unexplained: 1 }],
    ['of another time explains nothing', { untilAtMs: 900, count: 0 }, [1020, 2050], { unexplained: 1 }],
    ['of a later time explains nothing', { sinceAtMs: 1111, count: 0 }, [1020, 2050], { unexplained: 1 }],
    ['that was refused explains nothing', { result: 'refused' }, [1020, 2050], { unexplained: 1 }],
    ['of two deliveries of which one came is forgotten', { count: 2 }, [1020, 2050], { replayed: 1, forgotten: 1 }],
  ])('%s', (_, changes, times, counts) => {
    const judgement = judged(
      times.map((atMs) => arrival(atMs)),
      { replays: [{ ...REPLAY, ...changes }] },
    )
    const { replayed, unexplained } = judgement.duplicates
    const found = { replayed, unexplained: unexplained.length, forgotten: judgement.forgottenCommands.length }
    expect(found).toMatchObject(counts)
  })
})

describe('a deactivated webhook', () => {
  const SPAN: InactiveSpan = { sentAtMs: 1000, confirmedAtMs: 1100, endSentAtMs: 5000, endConfirmedAtMs: 5100 }

  test.each<[what: string, sentAtMs: number, acceptedAtMs: number, deliveries: number | undefined, expected: object]>([
    ['before', 900, 999, 3, { sure: 3, perhaps: 0, isWrong: false }],
    ['before, and one too few', 900, 999, 2, { isWrong: true }],
    ['while it is deactivated', 1050, 1060, 2, { sure: 2, perhaps: 0, isWrong: false }],
    ['while it is deactivated, and not yet', 1050, 1060, 3, { sure: 3, perhaps: 0, isWrong: false }],
    ['while it is deactivated, and nobody knows', 1050, 1060, undefined, { sure: 2, perhaps: 1, isWrong: false }],
    ['when it was deactivated', 1100, 1200, 2, { sure: 2, perhaps: 0, isWrong: false }],
    ['when it was deactivated, and one too many', 1100, 5000, 3, { isWrong: true }],
    ['when it was deactivated, unheard', 1100, 1200, undefined, { sure: 2, perhaps: 0, isWrong: false }],
    ['after', 5101, 5200, 3, { sure: 3, perhaps: 0, isWrong: false }],
    ['after, unheard', 5101, 5200, undefined, { sure: 3, perhaps: 0, isWrong: false }],
    ['ever, and of no possible number', 5000, 5050, 1, { isWrong: true }],
  ])('is triggered by what is accepted %s', (_, sentAtMs, acceptedAtMs, deliveries, expected) => {
    const begin: SentEvent = { ...END, type: 'call.begin', sentAtMs, acceptedAtMs }
    const { deliveries: _all, ...unheard } = begin
    const owed = owedOf(deliveries === undefined ? unheard : { ...begin, deliveries }, [SPAN])
    const { sure, perhaps, problem } = owed
    expect({ sure: sure.length, perhaps: perhaps.length, isWrong: problem !== undefined }).toMatchObject(expected)
  })

  test('does not change what other webhooks owe', () => {
    expect(owedOf({ ...END, deliveries: 4 }, [SPAN])).toMatchObject({ problem: undefined })
    expect(owedOf({ ...END, deliveries: 3 }, [SPAN]).problem).toContain('3 deliveries were made of it, not 4')
  })

  test.each([
    [2100, 0],
    [2101, 1],
    [4999, 1],
    [5000, 0],
  ])('is sent to at %i ms: %i is wrong', (atMs, wrong) => {
    const { disobedient } = judge({
      lives: [{ number: 1, phase: 'none', spawnedAtMs: 0 }],
      events: new Map(),
      arrivals: new Map([['switched e-9', [arrival(atMs)]]]),
      ...{ commands: new Map(), replays: [], inactive: [SPAN], reloads: [], dead: new Set() },
    })
    expect(disobedient).toHaveLength(wrong)
  })
})

describe('a configuration that is in force', () => {
  const RELOAD: Reload = { life: 1, generation: 3, confirmedAtMs: 1000 }

  test.each<[what: string, atMs: number, generation: number, reload: Partial<Reload>, wrong: number]>([
    ['made with it', 5000, 3, {}, 0],
    ['made with a later one', 5000, 4, {}, 0],
    ['that was under way', 2000, 2, {}, 0],
    ['made with the one before', 2001, 2, {}, 1],
    ['of another life', 2001, 2, { life: 2 }, 0],
  ])('leaves a request %s', (_, atMs, generation, changes, wrong) => {
    const { disobedient } = judged([arrival(atMs, generation)], { reloads: [{ ...RELOAD, ...changes }] })
    expect(disobedient).toHaveLength(wrong)
  })

  test.each([
    ['that was under way', 3000, 0],
    ['made with the one before', 3001, 1],
  ])('leaves a request %s, on a machine on which starts take two seconds', (_, atMs, wrong) => {
    const lives: Life[] = [{ number: 1, phase: 'none', spawnedAtMs: 0, listeningAtMs: 2000 }]
    const { disobedient } = judged([arrival(atMs, 2)], { lives, reloads: [RELOAD] })
    expect(disobedient).toHaveLength(wrong)
  })
})
