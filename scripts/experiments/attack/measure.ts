/**
 * Slices of the same load, in turn without an attack, with one, and with the same attack on a process beside the engine, so that the
 * machine's own ups and downs meet all three.
 */
import type { Histogram } from 'hdr-histogram-js'
import { configurationOf } from '../traffic/configuration.ts'
import { addLags, Flow, type FlowLags, newLags } from '../traffic/flow.ts'
import { readMemory } from '../traffic/process-memory.ts'
import { openReceivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { type AttackTally, addTally, newTally, openAttack } from './attack.ts'
import { openDecoy } from './decoy.ts'
import { LiveCalls, newHistogram } from './live-calls.ts'

/** What it is run with. */
export interface AttackOptions {
  readonly folder: string
  /** Slices of each kind. */
  readonly rounds: number
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
  /** The same attack on another process. */
  readonly beside: SideFigures
  /** The first attack of the engine's life, before the others. */
  readonly first: SideFigures
  /** Of the attacks on the engine. */
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

/** Load before anything is measured, and an attack: code that runs for the first time takes some ten times as long. */
const WARM_UP_MS = 2000

/** What follows what, in turn: each kind comes once in every place. */
const ORDERS = [
  ['quiet', 'attacked', 'beside'],
  ['attacked', 'beside', 'quiet'],
  ['beside', 'quiet', 'attacked'],
] as const

/** See the head of this file. */
export async function measureAttack(options: AttackOptions): Promise<AttackFigures> {
  const { folder, rounds, sliceMs, calls, events } = options
  const seconds = (3 * rounds * sliceMs + 2 * WARM_UP_MS) / 1000
  await using receivers = await openReceivers(CALLED.length + SENT_TO.length, Math.ceil(2 * seconds * (calls + events)))
  await using attack = await openAttack()
  await using decoy = await openDecoy(attack.port)
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
  const sides = { quiet: newSide(), attacked: newSide(), beside: newSide(), first: newSide() }
  const slice = async (durationMs: number, side?: SideFigures): Promise<void> => {
    const [called, lags] = await Promise.all([live.run(calls, durationMs), flow.run(events, durationMs)])
    side?.perSecond.push(called.perSecond)
    side?.answerUs.add(called.answerUs)
    if (side !== undefined) addLags(side.lags, lags)
  }
  await slice(WARM_UP_MS)
  const memoryBytes = [(await readMemory(engine.pid, folder)).ownBytes]
  const tally = newTally()
  attack.begin(engine.origin)
  await slice(WARM_UP_MS, sides.first)
  addTally(tally, await attack.end())
  memoryBytes.push((await readMemory(engine.pid, folder)).ownBytes)
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ORDERS[round % ORDERS.length] ?? []) {
      if (kind !== 'quiet') attack.begin(kind === 'attacked' ? engine.origin : decoy.origin)
      await slice(sliceMs, sides[kind])
      const done = kind === 'quiet' ? undefined : await attack.end()
      if (kind !== 'attacked' || done === undefined) continue
      addTally(tally, done)
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
