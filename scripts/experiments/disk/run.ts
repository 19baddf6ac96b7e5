/**
 * `npm run experiment -- disk`: the real engine under load while its disk is filled by somebody else, given back, made to
 * refuse every write, and given back again. Nothing accepted may be lost, nothing refused may be kept, and the engine must
 * recover by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from '../../../src/outbox/embedded/files/inspect.ts'
import { conclude, progress, type Row, readOptions, wholeNumber, wrongUsage } from '../experiment.ts'
import { concludeWorld, openWorld, type Phase, type World } from '../world/world.ts'
import { limitFiles, limitVolume, mountVolume, remountReadOnly, type Volume } from './volume.ts'

/** See `Experiment`. */
export const summary = 'a disk that is full, refuses writes, and is given back under load'

const HELP = `Usage: npm run experiment -- disk [--seconds N] [--size MIB] [--on mount|limit|any] [--json FILE]

Runs the engine with its store on a small file system in memory, and takes away its room. Mounting it needs root; with
--on limit, or where mounting is not allowed, a limit on file sizes (prlimit, of util-linux) stands for it.

  --seconds N      length of each phase, 2 to 600; default 10 (half of it below the reserve)
  --size MIB       size of the file system, 48 to 4096; default 64
  --on mount|limit|any   default any: mount where that is allowed
  --json FILE      the findings as JSON
`

/** Longest time from room on the disk to an engine that calls itself ready: it looks once a second. */
const RECOVERY_LIMIT_MS = 10_000

/** Most CPU of one core while nothing can be written: what a busy loop would take is 1. */
const CPU_SHARE_LIMIT = 0.5

/** How much more memory may be in use at the end of a phase without room than at its begin. */
const MEMORY_LIMIT_BYTES = 64 * 2 ** 20

const MIB = 2 ** 20

/** Free bytes below which the engine takes nothing in: leaves it room to settle what it has. */
const RESERVE_BYTES = 16 * MIB

/** See `Experiment`. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(HELP, { seconds: '10', size: '64', on: 'any' }, args)
  if (typeof options === 'number') return options
  const { texts, json } = options
  try {
    const seconds = wholeNumber('seconds', texts['seconds'], 2, 600)
    const size = wholeNumber('size', texts['size'], 48, 4096)
    const on = texts['on'] ?? ''
    if (!['mount', 'limit', 'any'].includes(on)) throw new RangeError(`--on ${on}: expected mount, limit or any`)
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-disk-'))
    try {
      const mounted = on === 'limit' ? undefined : await mountVolume(folder, size * MIB)
      if (mounted === undefined && on === 'mount') {
        process.stderr.write(
          'A file system can not be mounted here: that needs root, and the right to mount (CAP_SYS_ADMIN).\n',
        )
        return 1
      }
      await using volume = mounted ?? limitVolume(folder)
      if (volume.kind === 'limited') progress('Nothing is mounted: a limit on file sizes stands for the disk.')
      return await measure(folder, volume, seconds * 1000, json)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    if (error instanceof RangeError) return wrongUsage(HELP, error.message)
    throw error
  }
}

async function measure(folder: string, volume: Volume, phaseMs: number, json: string): Promise<number> {
  const minFree = volume.leave === undefined ? '0B' : `${RESERVE_BYTES}B`
  const broken: string[] = []
  const rows: Row[] = []
  const store = { path: volume.storePath, minFree }
  await using world = await openWorld({ folder, store })
  const { pid } = world.engine
  world.callers.start()
  await world.phase('room enough', phaseMs)
  if (volume.leave !== undefined) {
    await volume.leave(RESERVE_BYTES / 2)
    const before = await world.counts()
    broken.push(...refusing(world, await world.phase('below the reserve', phaseMs / 2)))
    const settled = (await world.counts()).delivered - before.delivered
    rows.push({ what: 'settled below the reserve', value: String(settled) })
    if (settled === 0) broken.push('below the reserve nothing that had been accepted was settled')
  }
  await volume.fill(pid)
  broken.push(...refusing(world, await world.phase('full', phaseMs)))
  await volume.giveBack(pid)
  rows.push(await recovery(world, 'ready after room is back', broken))
  await world.phase('room again', phaseMs)

  rows.push({ what: 'remount,ro', value: await remountReadOnly(volume) })
  await limitFiles(pid, 0)
  // What was written before may still be on its way to its sender.
  await untilReady(world, false)
  broken.push(...refusing(world, await world.phase('every write fails', phaseMs)))
  await limitFiles(pid, 'unlimited')
  rows.push(await recovery(world, 'ready after writes succeed', broken))
  await world.phase('writable again', phaseMs)

  const ending = await world.drain()
  await world.stop()
  const problems = await verify(volume.storePath)
  const told = concludeWorld(world, ending)
  rows.push({ what: 'pages and records wrong', value: String(problems.length) })
  broken.push(...told.broken, ...problems.map((problem) => `the store: ${problem}`))
  const verdict = 'Nothing accepted was lost, nothing refused was kept, and the engine recovered by itself.'
  return await conclude(
    'disk',
    { rows: [...told.rows, ...rows], broken, verdict, figures: { phases: world.phases } },
    json,
  )
}

/** What must hold of a phase in which nothing new can be taken in. */
function refusing(world: World, phase: Phase): readonly string[] {
  const broken: string[] = []
  const say = (text: string): void => {
    broken.push(`${phase.name}: ${text}`)
  }
  const before = world.phases.at(-2)
  if (!phase.refused.has(503) && !phase.refused.has(429)) say('no event was refused with 503 or 429')
  if (phase.withoutRetryAfter > 0) say(`${phase.withoutRetryAfter} refusals had no Retry-After`)
  const red = world.watch.first(false, phase.fromMs)
  if (red === undefined) say('/readyz was never red')
  else if (!red.unready.some((check) => check.startsWith('store:')))
    say(`/readyz does not name the store: ${red.unready}`)
  if (phase.cpuShare > CPU_SHARE_LIMIT) say(`${(phase.cpuShare * 100).toFixed(0)} % of a core were used`)
  if (before !== undefined && phase.ownBytes - before.ownBytes > MEMORY_LIMIT_BYTES) {
    say(`memory grew by ${phase.ownBytes - before.ownBytes} bytes`)
  }
  return broken
}

async function recovery(world: World, what: string, broken: string[]): Promise<Row> {
  const tookMs = await untilReady(world, true)
  if (tookMs === Number.POSITIVE_INFINITY) broken.push(`${what}: not within ${RECOVERY_LIMIT_MS} ms`)
  return { what, value: `${tookMs.toFixed(0)} ms` }
}

/** How long it took until the engine was ready, or was so no more; infinity where it takes longer than the limit. */
async function untilReady(world: World, isReady: boolean): Promise<number> {
  const fromMs = performance.now()
  const looked = Promise.withResolvers<number>()
  const timer = setInterval(() => {
    const look = world.watch.first(isReady, fromMs)
    if (look !== undefined) looked.resolve(look.atMs - fromMs)
    else if (performance.now() - fromMs > RECOVERY_LIMIT_MS) looked.resolve(Number.POSITIVE_INFINITY)
  }, 50)
  const tookMs = await looked.promise
  clearInterval(timer)
  return tookMs
}
