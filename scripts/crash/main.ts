/**
 * `npm run crash`: kills the real engine at random moments under load, starts it again on the same folder, and counts what
 * was accepted and never arrived. Exit status 1 where anything was lost, came twice without a reason, or out of order.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runExperiment } from './experiment.ts'
import { isClean, reportLines } from './report.ts'

const HELP = `Usage: npm run crash -- [--kills N] [--seed N] [--store embedded|memory]

Kills the engine with SIGKILL at random moments under mixed load and counts what is lost. Nothing else is needed.

  --kills N      how often, 0 to 10000; default 200
  --seed N       moments and load are drawn from it, 0 to 4294967295; default: any, and printed
  --store NAME   what keeps the deliveries; default embedded. memory keeps nothing: it shows what a loss looks like

Exit status: 0 nothing was lost, 1 something was lost or wrong (the store is kept then), 2 the command line makes no sense.
`

/** A line of progress after so many kills. */
const PROGRESS_KILLS = 20

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  if (options === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const { kills, seed, store } = options
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-crash-'))
  print(`npm run crash -- --kills ${kills} --seed ${seed} --store ${store}`)
  try {
    const facts = await runExperiment({
      kills,
      seed,
      store,
      folder,
      onKill: (count, ledger) => {
        if (count % PROGRESS_KILLS === 0) print(`killed ${count} of ${kills}; ${ledger.events.size} events`)
      },
    })
    for (const line of ['', ...reportLines(facts)]) print(line)
    if (isClean(facts) || store === 'memory') await rm(folder, { recursive: true, force: true })
    else print(`The store is kept in ${folder}`)
    return isClean(facts) ? 0 : 1
  } catch (error) {
    process.stderr.write(`${errorText(error)}\nThe store is kept in ${folder}\n`)
    // Callers still wait for an engine that will not come.
    process.exit(1)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`
}

interface Options {
  readonly kills: number
  readonly seed: number
  readonly store: 'embedded' | 'memory'
}

function readOptions(): Options | 'help' | undefined {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: '200' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
        store: { type: 'string', default: 'embedded' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) return 'help'
    const { store } = values
    if (store !== 'embedded' && store !== 'memory') throw new Error(`--store ${store}: expected embedded or memory`)
    return {
      kills: readNumber('kills', values.kills, 10_000),
      seed: readNumber('seed', values.seed, 2 ** 32 - 1),
      store,
    }
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n\n${HELP}`)
    return undefined
  }
}

function readNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (/^\d{1,10}$/.test(text) && value <= most) return value
  throw new Error(`--${name} ${text}: expected a whole number from 0 to ${most}`)
}
