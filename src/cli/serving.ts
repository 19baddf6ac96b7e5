/**
 * The work of `switchhook serve`: runs the engine until a signal comes. Prints one line when it listens; logs go to stderr.
 * SIGTERM and SIGINT stop it in order, a second one at once; SIGHUP reloads the configuration, and so does a change of its files;
 * SIGUSR2 turns debug on and off. A service manager that asks for it is told how it stands. Apart from the command's description, which shells ask for completion.
 */
import { flushCompileCache } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import type { EngineConfig } from '../config/engine-config.ts'
import { formatIssue } from '../config/issues.ts'
import { type LoadResult, loadConfigFile } from '../config/load.ts'
import { loadConfigBeside } from '../config/load-beside.ts'
import { secretsOf } from '../config/secrets-of.ts'
import { codeOf, messageOf, SwitchhookError } from '../errors.ts'
import type { LogFormat, LogLevel } from '../logging/levels.ts'
import { createLog, type Log } from '../logging/log.ts'
import { type Service, startService } from '../service.ts'
import type { ExitStatus } from './command.ts'
import { logStream } from './log-format.ts'
import { Reloading } from './reloading.ts'
import { ServiceManager } from './service-manager.ts'
import { version } from './version.ts'

/** Time for requests in flight to end after SIGTERM: both limits of an invoke, and a little. */
const SHUTDOWN_DEADLINE_MS = 11_000

/** What the command line says; see the help of `serve`. */
export interface ServeChoices {
  /** The configuration's file. */
  readonly file: string
  /** Goes before what the configuration says. */
  readonly port: number | undefined
  /** Undefined: as the standard error is a terminal, or not. */
  readonly logFormat: LogFormat | undefined
}

/** Runs until a signal comes. */
export async function serve({ file, port, logFormat }: ServeChoices): Promise<ExitStatus> {
  // Until everything runs there is nothing to reload; by default the signal would end the process.
  let reloading: Reloading | undefined
  process.on('SIGHUP', () => reloading?.request('SIGHUP'))
  const log = createLog(logStream(logFormat))
  toggleDebug(log)
  const loaded = await loadConfigFile(file, process.env)
  if (loaded.kind === 'refused') {
    throw new SwitchhookError('config', 'the configuration can not be used', { issues: loaded.issues.map(formatIssue) })
  }
  log.level = loaded.config.log.level
  log.hide(secretsOf(loaded.config))
  endMasked(log)
  for (const warning of loaded.warnings) log.warn({ at: formatIssue(warning) }, 'configuration')
  const complete = (config: EngineConfig): EngineConfig =>
    port === undefined ? config : { ...config, listen: { ...config.listen, port } }
  const manager = new ServiceManager(process.env, log)
  manager.status('starting: the store is opened')
  const service = await startService({
    ...{ config: complete(loaded.config), version, log },
    onSecrets: (secrets) => log.hide(secrets),
  }).catch((error: unknown) => {
    manager.close()
    return explain(error, log)
  })
  // What `bin/switchhook.js` turned on is else written at the end, to which a killed process does not come. It takes a
  // fifth of a second where there is nothing yet, so now, before anybody is told to call.
  flushCompileCache()
  // Before it is said that it runs: whoever reads that may end it at once, and it shall end in order.
  const ending = nextSignal()
  process.stdout.write(`switchhook ${version} listening at ${service.url}\n`)
  const load = (): Promise<LoadResult> =>
    loadConfigBeside(file, process.env, { onSecrets: (secrets) => log.hide(secrets) })
  const running = complete(loaded.config)
  reloading = new Reloading({ service, running, files: loaded.files, load, complete, log, manager })
  void untilReady(service).then(() => manager.ready(`listening at ${service.url}: ${running.webhooks.length} webhooks`))
  // No delivery has this id: the question goes to the store's thread and comes back, and costs nothing else.
  manager.watch(() => service.engine.delivery('watchdog'))

  const signal = await ending
  reloading.close()
  manager.stopping()
  log.info({ signal }, 'stopping: no more events are taken in')
  const forced = nextSignal().then(() => process.exit(1))
  const closed = service.close(SHUTDOWN_DEADLINE_MS).then(
    () => 0 as const,
    // Not thrown: what is logged is masked, and this may be anything.
    (error: unknown) => {
      log.error({ error }, `the end was not in order: ${messageOf(error)}`)
      return 1 as const
    },
  )
  const status = await Promise.race([closed, forced])
  log.flush()
  return status
}

/** Everything is logged from one SIGUSR2 to the next, whatever is configured. */
function toggleDebug(log: Log): void {
  let before: LogLevel = 'info'
  process.on('SIGUSR2', () => {
    const level = log.level === 'debug' ? before : 'debug'
    if (log.level !== 'debug') before = log.level
    log.level = level
    log.info({ audit: 'log-level', by: 'SIGUSR2', to: level }, 'audit: log-level')
  })
}

/** How often it is looked whether the workers are up; they take a tenth of a second. */
const READY_POLL_MS = 20

/** Resolves when traffic may come. */
async function untilReady({ engine }: Service): Promise<void> {
  while (!engine.readiness().every(({ ready }) => ready)) {
    await wait(READY_POLL_MS, undefined, { ref: false })
  }
}

/** What nobody caught ends the process all the same, but Node would write it to stderr as it is, past the mask. */
function endMasked(log: Log): void {
  process.on('uncaughtException', (error: unknown) => {
    log.error({ error }, `something is broken, and the process ends: ${messageOf(error)}`)
    process.exit(1)
  })
}

/** What the system says about an address or a folder in words that tell what to do. */
function explain(error: unknown, log: Log): never {
  if (error instanceof SwitchhookError && isAboutFolder(error.cause)) {
    const way = 'choose another store.path, or engine: memory where nothing has to outlast a restart'
    throw new SwitchhookError('config', `${error.message}; ${way}`, { cause: error })
  }
  const code = codeOf(error)
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') {
    const isKnown = error instanceof SwitchhookError && error.code !== 'internal'
    // The command line shows a message as it is, and nothing of its cause.
    if (!isKnown || error.cause !== undefined) log.error({ error }, `could not start: ${messageOf(error)}`)
    throw isKnown ? error : new SwitchhookError('unavailable', 'could not start: the log tells why', { cause: error })
  }
  throw new SwitchhookError(
    'config',
    `the API can't listen: ${messageOf(error)}; choose another listen.port or --port`,
    {
      cause: error,
    },
  )
}

/** Whether the store's folder could not be made. */
function isAboutFolder(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && cause.syscall === 'mkdir'
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
}
