/**
 * `npm run dashboard-picture`: draws the dashboard of real figures. Runs the demo, whose flaky customer goes down now and then, with
 * a real Prometheus that scrapes its engine every second, asks that for what the panels show, and writes `docs/dashboard.svg`.
 * Needs `prometheus` (Debian's package) on the path.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runDemo } from '../../demo/demo.ts'
import { Screen } from '../../demo/screen.ts'
import { startPrometheus } from '../prometheus-process.ts'
import { recordingRules } from '../rule-files.ts'
import { REAL_TIME } from '../timing.ts'
import { dashboardPicture } from './dashboard-drawing.ts'
import { hasScraped, readDashboard } from './prometheus-reading.ts'

const HELP = `Usage: npm run dashboard-picture -- [--for SECONDS] [--out FILE]

  --for SECONDS   how long calls are played, 10 to 3600; default 60
  --out FILE      default docs/dashboard.svg
`

/** The engine's name among the instances. */
const INSTANCE = 'demo'

/** Events a second beside the calls. */
const PASSING_PER_SECOND = 300

const PICTURE = fileURLToPath(new URL('../../../docs/dashboard.svg', import.meta.url))

const options = readOptions()
if (typeof options === 'number') process.exitCode = options
else await makePicture(options)

async function makePicture({ seconds, file }: { readonly seconds: number; readonly file: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-picture-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  let url = ''
  let fromS = 0
  await runDemo({
    screen: new Screen(process.stdout),
    passingPerSecond: PASSING_PER_SECOND,
    durationMs: seconds * 1000,
    stopping: new AbortController().signal,
    forced: new AbortController().signal,
    onStarted: async (target) => {
      const rules = { 'recording.yml': recordingRules(REAL_TIME) }
      const prometheus = stack.use(await startPrometheus({ target, interval: '1s', rules, folder, instance: INSTANCE }))
      url = prometheus.url
      while (!(await hasScraped(url))) {
        prometheus.check()
        await pause(100)
      }
      fromS = Date.now() / 1000
    },
  })
  const day = new Date(fromS * 1000).toISOString().slice(0, 10)
  const about = `${seconds} s of npm run demo on ${day}, scraped every second: calls in fast motion, ${PASSING_PER_SECOND} events a second beside them, and a customer’s server that goes down now and then.`
  const reading = await readDashboard(url, INSTANCE, { fromS, toS: fromS + seconds }, about)
  await writeFile(file, dashboardPicture(reading))
}

/** Options, or the exit status where there is nothing to be done. */
function readOptions(): { readonly seconds: number; readonly file: string } | number {
  try {
    const { values } = parseArgs({
      options: { for: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help === true) {
      process.stdout.write(HELP)
      return 0
    }
    const seconds = Number(values.for ?? 60)
    if (Number.isInteger(seconds) && seconds >= 10 && seconds <= 3600) return { seconds, file: values.out ?? PICTURE }
    throw new Error(`--for ${values.for}: expected a whole number of seconds from 10 to 3600`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return 2
  }
}
