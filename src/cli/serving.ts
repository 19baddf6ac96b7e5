/**
 * The work of `switchhook serve`: runs the engine until a signal comes. Prints one line when it listens; logs go to stderr,
 * one JSON object a line. SIGTERM and SIGINT stop it in order, a second one at once; SIGHUP reloads the configuration, and
 * so does a change of its files. Apart from the command's description, which shells ask for completion.
 */
import { flushCompileCache } from 'node:module'
import { pino } from 'pino'
import type { EngineConfig } from '../config/engine-config.ts'
import { formatIssue } from '../config/issues.ts'
import { type LoadResult, loadConfigFile } from '../config/load.ts'
import { loadConfigInThread } from '../config/load-in-thread.ts'
import { secretsOf } from '../config/secrets-of.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import { createLog, type Log } from '../logging/log.ts'
import { startService } from '../service.ts'
import type { ExitStatus } from './command.ts'
import { Reloading } from './reloading.ts'
import { version } from './version.ts'

/** Time for requests in flight to end after SIGTERM: both limits of an invoke, and a little. */
const SHUTDOWN_DEADLINE_MS = 11_000

/** What the command line says; see the help of `serve`. */
export interface ServeChoices {
  /** The configuration's file. */
  readonly file: string
  /** Goes before what the configuration says. */
  readonly port: number | undefined
}

/** Runs until a signal comes. */
export async function serve({ file, port }: ServeChoices): Promise<ExitStatus> {
  // Until everything runs there is nothing to reload; by default the signal would end the process.
  let reloading: Reloading | undefined
  process.on('SIGHUP', () => reloading?.request('SIGHUP'))
  const loaded = await loadConfigFile(file, process.env)
  const log = createLog(pino.destination(2))
  if (loaded.kind === 'refused') {
    throw new SwitchhookError('config', 'the configuration can not be used', { issues: loaded.issues.map(formatIssue) })
  }
  log.hide(secretsOf(loaded.config))
  endMasked(log)
  for (const warning of loaded.warnings) log.warn({ at: formatIssue(warning) }, 'configuration')
  const complete = (config: EngineConfig): EngineConfig =>
    port === undefined ? config : { ...config, listen: { ...config.listen, port } }
  const service = await startService({
    ...{ config: complete(loaded.config), version, log },
    onSecrets: (secrets) => log.hide(secrets),
  }).catch((error: unknown) => explain(error, log))
  // What `bin/switchhook.js` turned on is else written at the end, to which a killed process does not come. It takes a
  // fifth of a second where there is nothing yet, so now, before anybody is told to call.
  flushCompileCache()
  process.stdout.write(`switchhook ${version} listening at ${service.url}\n`)
  const load = (): Promise<LoadResult> =>
    loadConfigInThread(file, process.env, { onSecrets: (secrets) => log.hide(secrets) })
  reloading = new Reloading({ service, running: complete(loaded.config), files: loaded.files, load, complete, log })

  const signal = await nextSignal()
  reloading.close()
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
  return await Promise.race([closed, forced])
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
  const code = error instanceof Error && 'code' in error ? error.code : undefined
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
