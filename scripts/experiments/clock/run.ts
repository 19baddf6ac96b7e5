/**
 * `npm run experiment -- clock`: the real engine under load while its wall clock is stepped forth and back by an hour.
 * Nothing may be lost or sent twice, nothing may be sent earlier than by the step, and what waits for a time that a step put
 * off goes out when that time comes: the last step goes forth again, so that the end need not be waited for.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { conclude, type Row, readOptions, wholeNumber, wrongUsage } from '../experiment.ts'
import { AWAY, HELD } from '../world/webhooks.ts'
import { concludeWorld, openWorld, type World } from '../world/world.ts'
import { checkClock, findStill } from './checks.ts'
import { FakeTime, findFakeTime } from './fake-time.ts'

/** See `Experiment`. */
export const summary = 'a wall clock that is stepped forth and back by an hour under load'

const HELP = `Usage: npm run experiment -- clock [--seconds N] [--json FILE]

Runs the engine with a wall clock of its own (libfaketime: apt-get install faketime) and steps it: an hour forth, back, an hour
back, forth, an hour forth.

  --seconds N    length of the load after each step, 3 to 600; default 65, so that what the engine does once
                 a minute comes after each step as well
  --json FILE    the findings as JSON
`

const HOUR_MS = 3_600_000

/** The clock before the first step, and after each. All that waits for a later time is due under the last. */
const OFFSETS_MS = [0, HOUR_MS, 0, -HOUR_MS, 0, HOUR_MS]

/** Time in which the server of {@link AWAY} fails, so that its circuit is open at the next step. */
const AWAY_MS = 1500

/** Time without callers after each step, in which a busy loop would show. */
const IDLE_MS = 2000

/** Most CPU of one core while nobody calls; a busy loop would take 1. */
const IDLE_SHARE_LIMIT = 0.4

/** Confirmed events that are sent again after each step, from the first and from the last. */
const SENT_AGAIN = 20

/** See `Experiment`. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(HELP, { seconds: '65' }, args)
  if (typeof options === 'number') return options
  try {
    const seconds = wholeNumber('seconds', options.texts['seconds'], 3, 600)
    const library = findFakeTime()
    if (library === undefined) {
      process.stderr.write('libfaketime is missing: apt-get install faketime\n')
      return 1
    }
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-clock-'))
    try {
      return await measure(folder, library, seconds * 1000, options.json)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    if (error instanceof RangeError) return wrongUsage(HELP, error.message)
    throw error
  }
}

async function measure(folder: string, library: string, phaseMs: number, json: string): Promise<number> {
  const startWallMs = Date.now() - performance.now()
  const clock = new FakeTime(library, folder)
  const [firstOffsetMs = 0, ...laterOffsetsMs] = OFFSETS_MS
  await clock.set(firstOffsetMs)
  const store = { path: join(folder, 'store'), minFree: '0B' }
  await using world = await openWorld({ folder, store, environment: clock.environment })
  const broken: string[] = []
  world.servers.isHolding = true
  await stay(world, 'clock right', phaseMs, broken)
  await world.callers.ask('POST', `/v1/webhooks/${HELD}/deactivate`)
  world.books.heldFromMs = performance.now()
  for (const offsetMs of laterOffsetsMs) {
    await clock.set(offsetMs)
    world.servers.isAway = false
    await stay(world, nameOf(offsetMs), phaseMs, broken)
    broken.push(...(await sendAgain(world)))
  }
  const held = { fromMs: world.books.heldFromMs, untilMs: performance.now() }
  await world.callers.ask('POST', `/v1/webhooks/${HELD}/activate`)
  const ending = await world.drain()
  await world.stop()

  const told = concludeWorld(world, ending)
  const found = checkClock(world.books, clock.steps, startWallMs, held)
  const rows: readonly Row[] = [
    ...told.rows,
    { what: 'longest wait for attempt 1', value: `${found.worstLagMs.toFixed(0)} ms` },
    { what: 'retries over a step back', value: `${found.waitedForSteps}, all came` },
    { what: 'limited to 40/s', value: `${found.mostInTwoSeconds} in the busiest two seconds` },
    { what: `${AWAY} sent to after`, value: found.recoveryMs.map((tookMs) => `${tookMs.toFixed(0)} ms`).join(', ') },
  ]
  const loaded = world.phases.filter(({ accepted }) => accepted > 0)
  broken.push(...told.broken, ...found.broken, ...findStill(world.books, loaded))
  const verdict = 'Nothing was lost, sent twice, or sent earlier than by the step; nothing was stuck.'
  return await conclude('clock', { rows, broken, verdict, figures: { phases: world.phases, ...found } }, json)
}

/** Load, then a server that goes away, then nobody. */
async function stay(world: World, name: string, phaseMs: number, broken: string[]): Promise<void> {
  world.callers.start()
  await world.phase(name, phaseMs)
  world.servers.isAway = true
  await pause(AWAY_MS)
  await world.callers.stop()
  const { cpuShare } = await world.phase(`${name}, nobody calls`, IDLE_MS)
  if (cpuShare > IDLE_SHARE_LIMIT)
    broken.push(`${name}: ${(cpuShare * 100).toFixed(0)} % of a core while nobody called`)
}

/** Events confirmed before must be called duplicates, whatever the clock says. */
async function sendAgain({ books, callers }: World): Promise<readonly string[]> {
  const accepted = books.events.filter(({ acceptedAtMs }) => acceptedAtMs !== undefined)
  const events = [...accepted.slice(0, SENT_AGAIN), ...accepted.slice(-SENT_AGAIN)]
  const forgotten = await callers.sendAgain(events)
  return forgotten === 0 ? [] : [`${forgotten} of ${events.length} events were accepted a second time`]
}

function nameOf(offsetMs: number): string {
  if (offsetMs === 0) return 'right again'
  return `an hour ${offsetMs > 0 ? 'ahead' : 'behind'}`
}
