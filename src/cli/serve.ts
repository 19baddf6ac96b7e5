/**
 * `switchhook serve`: runs the engine until it is told to stop. Prints one line when it listens; logs go to stderr, one JSON
 * object a line. SIGTERM and SIGINT stop it in order, a second one at once.
 */
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { formatIssue } from '../config/issues.ts'
import { loadConfigFile } from '../config/load.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import { startService } from '../service.ts'
import type { RunCommand } from './command.ts'
import { version } from './version.ts'

const HELP = `Usage: switchhook serve [--config FILE] [--port PORT]

Runs the engine: takes events and invokes over HTTP, and sends webhooks.

  --config FILE   the configuration; default switchhook.yaml in this folder
  --port PORT     listen there instead of where the configuration says; 0 takes any free port

Example: switchhook serve --config examples/switchhook.yaml`

/** Time for requests in flight to end after SIGTERM: both limits of an invoke, and a little. */
const SHUTDOWN_DEADLINE_MS = 11_000

/** Runs until a signal comes. */
export const run: RunCommand = async (args) => {
  const { values } = readArguments(args)
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const loaded = await loadConfigFile(values.config ?? 'switchhook.yaml', process.env)
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
  if (loaded.kind === 'refused') {
    throw new SwitchhookError('config', 'the configuration can not be used', { issues: loaded.issues.map(formatIssue) })
  }
  for (const warning of loaded.warnings) log.warn({ at: formatIssue(warning) }, 'configuration')
  const listen = { ...loaded.config.listen, ...(values.port === undefined ? {} : { port: portOf(values.port) }) }
  const service = await startService({ config: { ...loaded.config, listen }, version, log }).catch(explain)
  process.stdout.write(`switchhook ${version} listening at ${service.url}\n`)

  const signal = await nextSignal()
  log.info({ signal }, 'stopping: no more events are taken in')
  const forced = nextSignal().then(() => process.exit(1))
  await Promise.race([service.close(SHUTDOWN_DEADLINE_MS), forced])
  return 0
}

/** What the system says about an address in words that tell what to do. */
function explain(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error
  throw new SwitchhookError(
    'config',
    `the API can't listen: ${messageOf(error)}; choose another listen.port or --port`,
    {
      cause: error,
    },
  )
}

function readArguments(args: readonly string[]): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(args)
  } catch (error) {
    throw new SwitchhookError('usage', `${messageOf(error)}; \`switchhook serve --help\` tells more`, { cause: error })
  }
}

function parseOptions(args: readonly string[]): {
  readonly values: { readonly config?: string; readonly port?: string; readonly help?: boolean }
} {
  return parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new SwitchhookError('usage', `--port ${text} is not a number from 0 to 65535`)
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
}
