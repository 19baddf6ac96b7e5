/**
 * The demo from its first line to its table: opens servers, copies the example, starts the engine, plays, waits until
 * nothing is pending, compares, tells. Whatever happens, servers, engine and temporary folder are gone when it resolves.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineProcess, startEngine } from '../engine-process.ts'
import type { World } from './call.ts'
import { Callers } from './callers.ts'
import { Carrier } from './carrier.ts'
import { compareSides } from './comparison.ts'
import { readMetrics, readStats, readUnfinished } from './engine-figures.ts'
import { copyExample } from './example-copy.ts'
import { showFigures } from './figures.ts'
import { Ledger } from './ledger.ts'
import { playOutages } from './outage.ts'
import { PassingTraffic } from './passing-traffic.ts'
import { openReceiver } from './receiver/receiver.ts'
import { paint, type Screen } from './screen.ts'
import { Story } from './story.ts'
import { type SummaryFacts, summaryLines } from './summary.ts'
import { ToldCalls } from './told-calls.ts'

/** What the demo runs with. */
export interface DemoOptions {
  readonly screen: Screen
  /** Events a second that pass by in batches. */
  readonly passingPerSecond: number
  /** Time after which no more calls begin; undefined: only `stopping` ends it. */
  readonly durationMs: number | undefined
  /** Called with the engine's origin before the first call; default: nothing has to be got ready. */
  readonly onStarted?: (origin: string) => Promise<void>
  /** Aborted when no more calls shall begin. */
  readonly stopping: AbortSignal
  /** Aborted when nothing shall be waited for any more. */
  readonly forced: AbortSignal
}

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples')

/** Longest time in which everything pending must arrive: more than an outage's backlog and the slow server need. */
const SETTLE_TIMEOUT_MS = 30_000
const SETTLE_LOOK_MS = 50

/** Time in which a process that has broken its connections has ended. */
const ENGINE_END_MS = 500

/** How it ended: everything was delivered and right, or not, or nobody waited for the end. */
export type DemoResult = 'right' | 'wrong' | 'given-up'

/** Runs the demo. Rejects where it can't run, or the engine ends by itself. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { screen } = options
  const ledger = new Ledger((problem) => screen.line(paint('red', `✗ ${problem}`)))
  const receiver = await openReceiver(EXAMPLES, ledger)
  try {
    await using example = await copyExample(EXAMPLES, (path) => receiver.originOf(path))
    const engine = await startEngine(example.configFile)
    const carrier = new Carrier(engine.origin, ledger)
    try {
      await options.onStarted?.(engine.origin)
      screen.line(
        `${paint('bold', `switchhook ${engine.version}`)} at ${engine.origin}, ${receiver.size} customers’ servers`,
      )
      screen.line(paint('gray', `Calls in fast motion${screen.isLive ? '; Ctrl-C ends the demo' : ''}.`))
      screen.line()
      const world = { carrier, ledger, receiver, story: new Story(screen) }
      return await playAndCompare(options, world, engine)
    } finally {
      await carrier.close()
      engine.kill()
    }
  } finally {
    await receiver.close()
  }
}

async function playAndCompare(options: DemoOptions, world: World, engine: EngineProcess): Promise<DemoResult> {
  const startedAt = performance.now()
  const callers = new Callers()
  const told = new ToldCalls(world, callers)
  const passing = new PassingTraffic(world, callers, options.passingPerSecond)
  const ending = await Promise.race([
    play(options, world, told, passing),
    engine.ended().then((reason) => Promise.reject(new Error(reason))),
    aborted(options.forced),
  ])
  options.screen.status('')
  if (ending === 'given-up') return ending
  return await compareAndTell(options.screen, world, engine, {
    calls: told.played,
    passingEvents: passing.sent,
    durationMs: performance.now() - startedAt,
  })
}

/** Plays until it is time to stop, and resolves when everything has arrived or nothing more can be hoped for. */
async function play(options: DemoOptions, world: World, told: ToldCalls, passing: PassingTraffic): Promise<'settled'> {
  const { screen, durationMs } = options
  const stopping =
    durationMs === undefined ? options.stopping : AbortSignal.any([options.stopping, AbortSignal.timeout(durationMs)])
  stopping.addEventListener('abort', () =>
    screen.line(paint('gray', 'No more calls begin; what is pending arrives first.')),
  )
  const settled = new AbortController()
  const playAll = async (): Promise<void> => {
    await Promise.all([told.play(stopping), passing.run(stopping), playOutages(world, stopping)])
    await settle(world)
  }
  try {
    await Promise.all([playAll().finally(() => settled.abort()), showFigures(screen, world.carrier, settled.signal)])
    return 'settled'
  } catch (error) {
    // Where the engine has died, its own end tells more than the broken connections that follow from it.
    await pause(ENGINE_END_MS)
    throw error
  }
}

async function compareAndTell(
  screen: Screen,
  { carrier, ledger }: World,
  engine: EngineProcess,
  played: Pick<SummaryFacts, 'calls' | 'passingEvents' | 'durationMs'>,
): Promise<DemoResult> {
  const [stats, metrics] = await Promise.all([readStats(carrier), readMetrics(carrier)])
  const unfinished = stats.pending + stats.dead === 0 ? [] : await readUnfinished(carrier)
  const stopProblem = await engine.stop()
  const lost = ledger.lost()
  const customers = ledger.totals()
  const problems = [
    ...ledger.problems(),
    ...lost,
    ...unfinished,
    ...compareSides(carrier, customers, stats, metrics),
    ...engine.errors,
    ...(stopProblem === undefined ? [] : [stopProblem]),
  ]
  const { decisions, waits, added } = carrier
  const measured = { decisions, waits, added, carrier, customers, stats, metrics }
  const facts: SummaryFacts = { ...played, ...measured, lostCount: lost.length, problems }
  for (const line of summaryLines(facts, screen.columns)) screen.line(line)
  return problems.length === 0 ? 'right' : 'wrong'
}

/** Waits until the engine has nothing to deliver and every server has what it is owed, but not for ever. */
async function settle({ carrier, ledger }: World): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < SETTLE_TIMEOUT_MS) {
    const { pending, inFlight } = await readStats(carrier)
    if (pending === 0 && inFlight === 0 && ledger.owedCount === 0) return
    await pause(SETTLE_LOOK_MS)
  }
}

function aborted(signal: AbortSignal): Promise<'given-up'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('given-up')
    signal.addEventListener('abort', () => resolve('given-up'), { once: true })
  })
}
