/**
 * `npm run demo`: the real engine with the example file, a receiver that plays the customers' web servers, and a carrier that
 * plays calls from begin to end. Ends on Ctrl-C or after `--for`; exit status 1 where anything was lost or wrong.
 */
import { parseArgs } from 'node:util'
import { runDemo } from './demo.ts'
import { Screen } from './screen.ts'

const HELP = `Usage: npm run demo -- [--for DURATION] [--rate EVENTS]

Plays telephone calls through a real engine, with customers' web servers on this machine. Nothing else is needed.

  --for DURATION   end after so long: 10s, 2m; default: until Ctrl-C
  --rate EVENTS    events a second that pass by in batches, 0 to 600; default 300

Exit status: 0 all was delivered and right, 1 something was lost or wrong, 2 the command line makes no sense.
`

/** The feed of the example file takes 100 events a second; more than this would only wait there. */
const MOST_EVENTS_PER_SECOND = 600

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  if (options === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const stopping = new AbortController()
  const forced = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (stopping.signal.aborted ? forced : stopping).abort())
  }
  try {
    const result = await runDemo({
      screen: new Screen(process.stdout),
      ...options,
      stopping: stopping.signal,
      forced: forced.signal,
    })
    if (result === 'given-up') leave('given up: what was pending is not waited for')
    return result === 'right' ? 0 : 1
  } catch (error) {
    return leave(messageOf(error))
  }
}

/** Ends at once with status 1: calls may be in the middle of something that can no longer come to its end. */
function leave(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Options {
  /** Undefined: until a signal comes. */
  readonly durationMs: number | undefined
  readonly passingPerSecond: number
}

function readOptions(): Options | 'help' | undefined {
  try {
    const { values } = parseArgs({
      options: { for: { type: 'string' }, rate: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help === true) return 'help'
    return {
      durationMs: values.for === undefined ? undefined : readDurationMs(values.for),
      passingPerSecond: values.rate === undefined ? 300 : readRate(values.rate),
    }
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${HELP}`)
    return undefined
  }
}

function readDurationMs(text: string): number {
  const [, amount, unit] = /^(\d{1,6})(s|m)$/.exec(text) ?? []
  const durationMs = Number(amount) * (unit === 'm' ? 60_000 : 1000)
  // Above that a timer would fire at once (a signed 32-bit number of milliseconds).
  if (durationMs >= 1000 && durationMs <= 86_400_000) return durationMs
  throw new Error(`--for ${text}: expected 1s to 24 hours, in seconds or minutes, for example 10s or 2m`)
}

function readRate(text: string): number {
  const rate = Number(text)
  if (/^\d{1,4}$/.test(text) && rate <= MOST_EVENTS_PER_SECOND) return rate
  throw new Error(`--rate ${text}: expected a whole number from 0 to ${MOST_EVENTS_PER_SECOND}`)
}
