/**
 * Slices of the same load, in turn without and with the attack, so that the machine's own ups and downs meet both.
 */
import type { Histogram } from 'hdr-histogram-js'
import { configurationOf } from '../traffic/configuration.ts'
import { addLags, Flow, type FlowLags, newLags } from '../traffic/flow.ts'
import { readMemory } from '../traffic/process-memory.ts'
import { openReceivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { type AttackTally, openAttack } from './attack.ts'
import { LiveCalls, newHistogram } from './live-calls.ts'

/** What it is run with. */
export interface AttackOptions {
  readonly folder: string
  /** Pairs of slices. */
  readonly pairs: number
  readonly sliceMs: number
  /** Live calls a second. */
  readonly calls: number
  /** Events a second. */
  readonly events: number
}

/** All slices of one kind together. */
export interface SideFigures {
  /** Calls answered a second, of each slice. */
  readonly perSecond: number[]
  readonly answerUs: Histogram
  readonly lags: FlowLags
}

/** Everything that was measured. */
export interface AttackFigures {
  readonly quiet: SideFigures
  readonly attacked: SideFigures
  readonly tally: AttackTally
  readonly calls: number
  readonly lostCalls: readonly string[]
  readonly events: number
  readonly lostEvents: readonly string[]
  /** The engine's memory before the first attack and after each, in bytes. */
  readonly memoryBytes: readonly number[]
  readonly problems: readonly string[]
}

/** Webhooks whose servers answer: half for calls, half for events. */
const CALLED = [0, 1, 2, 3]
const SENT_TO = [4, 5, 6, 7]

/** Load before anything is measured. */
const WARM_UP_MS = 2000

/** See the head of this file. */
export async function measureAttack(options: AttackOptions): Promise<AttackFigures> {
  const { folder, pairs, sliceMs, calls, events } = options
  const seconds = (2 * pairs * sliceMs + WARM_UP_MS) / 1000
  await using receivers = await openReceivers(CALLED.length + SENT_TO.length, Math.ceil(2 * seconds * (calls + events)))
  await using attack = await openAttack()
  const own = configurationOf(
    folder,
    [...CALLED, ...SENT_TO].map((number) => ({ number })),
    receivers,
    1_000_000,
  )
  await using engine = new TestedEngine(folder, (life) => {
    const configuration = JSON.parse(own(life))
    return JSON.stringify({ ...configuration, webhooks: [...configuration.webhooks, ...attack.webhooks()] })
  })
  await engine.start()
  await using live = new LiveCalls(engine.origin, CALLED)
  const flow = new Flow(engine, receivers, SENT_TO, 1)
  const sides = { quiet: newSide(), attacked: newSide() }
  const slice = async (durationMs: number, side?: SideFigures): Promise<void> => {
    const [called, lags] = await Promise.all([live.run(calls, durationMs), flow.run(events, durationMs)])
    side?.perSecond.push(called.perSecond)
    side?.answerUs.add(called.answerUs)
    if (side !== undefined) addLags(side.lags, lags)
  }
  await slice(WARM_UP_MS)
  const memoryBytes = [(await readMemory(engine.pid, folder)).ownBytes]
  let tally: AttackTally = { requests: 0, calls: 0, answered: 0, events: 0, unanswered: [] }
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const isAttacked of pair % 2 === 0 ? [false, true] : [true, false]) {
      if (isAttacked) attack.begin(engine.origin)
      await slice(sliceMs, isAttacked ? sides.attacked : sides.quiet)
      if (!isAttacked) continue
      tally = await attack.end()
      memoryBytes.push((await readMemory(engine.pid, folder)).ownBytes)
    }
  }
  await engine.stop()
  return {
    ...sides,
    tally,
    calls: live.made,
    lostCalls: live.lost,
    events: flow.sent,
    lostEvents: flow.result().lost,
    memoryBytes,
    problems: engine.problems,
  }
}

function newSide(): SideFigures {
  return { perSecond: [], answerUs: newHistogram(), lags: newLags() }
}
