/**
 * `backlog`: very many deliveries wait for one dead endpoint while others flow. Two engines run side by side, one with that
 * backlog and one without; slices of the same load go to them in turn, so that whatever else the machine does meets both.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { progress } from '../experiment.ts'
import type { Report } from '../traffic/claims.ts'
import { type RunContext, runTraffic, type TrafficExperiment } from '../traffic/command.ts'
import { configurationOf, type NumberedWebhook } from '../traffic/configuration.ts'
import { addLags, Flow, type FlowLags, newLags } from '../traffic/flow.ts'
import { type ProcessMemory, readMemory } from '../traffic/process-memory.ts'
import { openReceivers, type Receivers } from '../traffic/receivers.ts'
import { TestedEngine } from '../traffic/tested-engine.ts'
import { WaitingEvents } from '../traffic/waiting-events.ts'
import { type BacklogFigures, backlogReport } from './report.ts'

/** One line for the list of experiments. */
export const summary = 'very many deliveries wait for one dead endpoint while others flow'

const BACKLOG: TrafficExperiment = {
  name: 'backlog',
  summary,
  options: [
    { name: 'waiting', summary: 'deliveries that wait', usual: 1_000_000, least: 100, most: 5_000_000 },
    { name: 'rate', summary: 'events a second that flow', usual: 200, least: 10, most: 5000 },
    { name: 'pairs', summary: 'slices of load for each engine', usual: 12, least: 1, most: 100 },
    { name: 'seconds', summary: 'length of a slice', usual: 4, least: 1, most: 60 },
    { name: 'restarts', summary: 'restarts of each kind', usual: 3, least: 1, most: 20 },
  ],
  measure,
}

/** Endpoints among which what flows is shared out. */
const FLOWING = 20

/** Where the numbers of flowing events begin, above those of the waiting ones. */
const FIRST_FLOWING = 10_000_000
const FLOWING_OF_CONTROL = 20_000_000

/** Webhooks: the dead one, and those that flow, of each engine. */
const TESTED_DEAD = 0
const CONTROL_DEAD = 1
const TESTED_FLOWING: readonly number[] = Array.from({ length: FLOWING }, (_, index) => 2 + index)
const CONTROL_FLOWING: readonly number[] = Array.from({ length: FLOWING }, (_, index) => 2 + FLOWING + index)
const WEBHOOKS = 2 + 2 * FLOWING

/**
 * Events that both engines take in and deliver before anything is measured: what the runtime keeps for itself once it has
 * worked at full speed is not the backlog's.
 */
const WARM_UP_EVENTS = 50_000
const FIRST_OF_WARM_UP = [30_000_000, 40_000_000] as const

/** Most requests of events that flow, all slices and the draining together. */
const FLOWING_REQUESTS = 5_000_000

/** Time for a process to come to rest before its memory is read. */
const REST_MS = 1500

/** Under load so long before a kill, and the load goes on as long after it. */
const KILL_AFTER_MS = 300

/** Both sides of the comparison. */
interface Side {
  readonly engine: TestedEngine
  readonly flow: Flow
  readonly flowing: readonly number[]
  readonly lags: FlowLags
  /** 99th percentile of each slice, in microseconds. */
  readonly p99Us: number[]
  /** Start of a process to the first delivery of a flowing event, after SIGTERM and after SIGKILL. */
  readonly restartMs: { readonly term: number[]; readonly kill: number[] }
}

/** See `Experiment.run`. */
export async function run(args: readonly string[]): Promise<number> {
  return await runTraffic(BACKLOG, args)
}

async function measure(given: RunContext): Promise<Report> {
  const { numberOf, folder } = given
  const waiting = numberOf('waiting')
  await using receivers = await openReceivers(WEBHOOKS, FLOWING_REQUESTS)
  // On a thread of its own: what waited for it shall not stand before the others' requests outside of the engine.
  await using deadServer = await openReceivers(1, 2 * waiting + 100_000)
  deadServer.setManner(TESTED_DEAD, 'reset')
  const tested = makeSide(
    receivers,
    deadServer,
    join(folder, 'tested'),
    TESTED_DEAD,
    TESTED_FLOWING,
    FIRST_FLOWING,
    waiting,
  )
  const control = makeSide(
    receivers,
    deadServer,
    join(folder, 'control'),
    CONTROL_DEAD,
    CONTROL_FLOWING,
    FLOWING_OF_CONTROL,
    waiting,
  )
  await using _tested = tested.engine
  await using _control = control.engine
  const sides = [tested, control]
  for (const { engine } of sides) await engine.start()
  await pause(REST_MS)
  const started = await memoryOf(tested)
  const warmUp = Math.min(WARM_UP_EVENTS, Math.ceil(waiting / 2))
  for (const [index, side] of sides.entries()) {
    await warm(side, receivers, FIRST_OF_WARM_UP[index] ?? 0, warmUp)
    await side.flow.run(numberOf('rate'), numberOf('seconds') * 500)
  }
  await pause(REST_MS)
  const idle = await memoryOf(tested)

  const events = new WaitingEvents(tested.engine, deadServer, [TESTED_DEAD], waiting, 0)
  const filling: ProcessMemory[] = []
  const fillMs = await events.fill(async () => void filling.push(await memoryOf(tested)))
  progress(`${waiting} deliveries wait`)
  await pause(REST_MS)
  const { pending } = await (await tested.engine.client).counts()

  const held: ProcessMemory[] = [await memoryOf(tested)]
  for (let pair = 0; pair < numberOf('pairs'); pair += 1) {
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) {
      const lags = await side.flow.run(numberOf('rate'), numberOf('seconds') * 1000)
      addLags(side.lags, lags)
      side.p99Us.push(lags.sentUs.getValueAtPercentile(99))
    }
    held.push(await memoryOf(tested))
  }
  const controlAfter = await memoryOf(control)
  progress(`${2 * numberOf('pairs')} slices of load are over`)

  for (let round = 0; round < numberOf('restarts'); round += 1) {
    for (const side of sides) {
      await restartAfterStop(side)
      await restartAfterKill(side, numberOf('rate'))
    }
  }
  await pause(REST_MS)
  const restarted = await memoryOf(tested)
  progress('restarts are over')

  deadServer.setManner(TESTED_DEAD, 'take')
  const draining = new AbortController()
  const flowing = tested.flow.run(numberOf('rate'), 3_600_000, draining.signal)
  const drained = await events.drained()
  draining.abort()
  const whileDraining = await flowing
  const counts = await tested.engine.drained(30_000)
  const afterDrain = await memoryOf(tested)
  for (const { engine } of sides) await engine.stop()
  await rm(folder, { recursive: true, force: true })

  const figures: BacklogFigures = {
    waiting,
    pending,
    fillMs,
    tested,
    control,
    memory: { started, idle, filling, held, controlAfter, restarted, afterDrain },
    drained,
    whileDraining,
    counts,
    backlog: events.result(),
    flows: sides.map(({ flow }) => flow.result()),
    sent: warmUp + tested.flow.sent,
    problems: sides.flatMap(({ engine }) => engine.problems),
  }
  return backlogReport(figures)
}

function makeSide(
  receivers: Receivers,
  deadServer: Receivers,
  folder: string,
  dead: number,
  flowing: readonly number[],
  firstEvent: number,
  waiting: number,
): Side {
  const webhooks: NumberedWebhook[] = [
    // Its first attempts failed before the circuit opened: they shall not be put off by hours when it is back.
    {
      number: dead,
      servers: deadServer,
      settings: { retry: { schedule: ['0s', ...Array.from({ length: 20 }, () => '1s')] } },
    },
    ...flowing.map((number) => ({ number })),
  ]
  const engine = new TestedEngine(folder, configurationOf(folder, webhooks, receivers, waiting + 100_000))
  return {
    engine,
    flow: new Flow(engine, receivers, flowing, firstEvent),
    flowing,
    lags: newLags(),
    p99Us: [],
    restartMs: { term: [], kill: [] },
  }
}

async function warm({ engine, flowing }: Side, receivers: Receivers, firstEvent: number, count: number): Promise<void> {
  const events = new WaitingEvents(engine, receivers, flowing, count, firstEvent)
  await events.fill(() => Promise.resolve())
  await events.drained()
}

async function memoryOf({ engine }: Side): Promise<ProcessMemory> {
  return await readMemory(engine.pid, engine.folder)
}

async function restartAfterStop({ engine, flow, restartMs }: Side): Promise<void> {
  await engine.stop()
  const { startedAtMs } = await engine.start()
  restartMs.term.push((await flow.sendOne()) - startedAtMs)
}

async function restartAfterKill({ engine, flow, restartMs }: Side, ratePerSecond: number): Promise<void> {
  const load = flow.run(ratePerSecond, 2 * KILL_AFTER_MS)
  await pause(KILL_AFTER_MS)
  await engine.kill()
  const { startedAtMs } = await engine.start()
  restartMs.kill.push((await flow.sendOne()) - startedAtMs)
  await load
}
