/**
 * `npm run experiment -- store`: the embedded outbox beside lmdb alone, empty and with a long history, and what it takes on
 * the disk. Speed is told as a ratio within the run; broken is only what was lost, or room that is not used again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conclude, median, progress, type Row, readOptions, wholeNumber, wrongUsage } from '../experiment.ts'
import { type DiskCost, measureDiskCost, measureReuse, type Reuse } from './disk-cost.ts'
import { measureRates, type Rates } from './rate.ts'

/** See `Experiment`. */
export const summary = 'the embedded outbox beside lmdb alone: events a second, disk an event'

const HELP = `Usage: npm run experiment -- store [--events N] [--turns N] [--history N] [--folder PATH] [--json FILE]

64 senders bring events of 600 bytes into the embedded outbox and the same rows into lmdb alone, in turns; then the same with
a history, what events cost on the disk, and whether room is used again.

  --events N     events in a turn, 64 to 1000000; default 20000
  --turns N      turns of each side, 1 to 100; default 5
  --history N    delivered ones in the second store, 0 (no second one) to 100000000; default 5000000, about 7 GB
  --folder PATH  where the stores are made and removed; default: the system's folder for temporary files
  --json FILE    the findings as JSON
`

/** Ratio to lmdb alone that is aimed at. */
const RATIO_TARGET = 0.6

/** See `Experiment`. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(HELP, { events: '20000', turns: '5', history: '5000000', folder: tmpdir() }, args)
  if (typeof options === 'number') return options
  const { texts, json } = options
  try {
    const settings = {
      events: wholeNumber('events', texts['events'], 64, 1_000_000),
      turns: wholeNumber('turns', texts['turns'], 1, 100),
    }
    const history = wholeNumber('history', texts['history'], 0, 100_000_000)
    const folder = await mkdtemp(join(texts['folder'] ?? tmpdir(), 'switchhook-store-'))
    try {
      return await measure(folder, settings, history, json)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    if (error instanceof RangeError) return wrongUsage(HELP, error.message)
    throw error
  }
}

async function measure(
  folder: string,
  settings: { readonly events: number; readonly turns: number },
  history: number,
  json: string,
): Promise<number> {
  progress(`npm run experiment -- store --events ${settings.events} --turns ${settings.turns} --history ${history}`)
  const measured: (readonly [name: string, rates: Rates])[] = []
  for (const [name, kept] of [
    ['empty', 0],
    [`${history} delivered`, history],
  ] as const) {
    if (measured.length > 0 && kept === 0) continue
    const place = join(folder, `rates-${measured.length}`)
    measured.push([name, await measureRates({ ...settings, folder: place, history: kept })])
    await rm(place, { recursive: true, force: true })
  }
  const costs = [await measureDiskCost(folder, settings.events, 1), await measureDiskCost(folder, settings.events, 3)]
  const reuses = [
    await measureReuse(folder, settings.events, 'age'),
    await measureReuse(folder, settings.events, 'bytes'),
  ]
  const broken = [...measured.flatMap(([, rates]) => rates.broken), ...reuses.flatMap((reuse) => reuse.broken)]
  const rows = [
    ...measured.flatMap(([name, rates]) => rateRows(name, rates)),
    ...costs.flatMap(costRows),
    ...reuses.map(reuseRow),
  ]
  const isFast = measured.every(([, { ratio }]) => ratio >= RATIO_TARGET)
  const speed = isFast
    ? `at least ${RATIO_TARGET} of lmdb alone`
    : `below ${RATIO_TARGET} of lmdb alone on this machine`
  const verdict = `Everything accepted was read back, room is used again; ${speed}.`
  return await conclude('store', { rows, broken, verdict, figures: { measured, costs, reuses } }, json)
}

function rateRows(name: string, { outbox, bare, delivered, ratio }: Rates): readonly Row[] {
  return [
    { what: `${name}: outbox, events/s`, value: spread(outbox) },
    { what: `${name}: lmdb alone, events/s`, value: spread(bare) },
    { what: `${name}: ratio`, value: ratio.toFixed(2) },
    { what: `${name}: claimed and settled/s`, value: spread(delivered) },
  ]
}

function costRows({ deliveries, pending, delivered, file }: DiskCost): readonly Row[] {
  const value = `${pending.toFixed(0)} waiting, ${delivered.toFixed(0)} delivered, ${file.toFixed(0)} with free pages`
  return [{ what: `disk, bytes an event with ${deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`}`, value }]
}

function reuseRow({ retention, fileBytes }: Reuse): Row {
  const sizes = fileBytes.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')
  return { what: `file in MiB, retention by ${retention}`, value: sizes }
}

/** Middle, least and most. */
function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`
}
