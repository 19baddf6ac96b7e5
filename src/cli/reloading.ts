/**
 * Hot reload: when a file of the configuration changes, or SIGHUP asks for it, the configuration is read beside the running
 * one and takes its place whole, or is refused whole. One at a time; whatever asks meanwhile is answered by one more.
 * Used by `serve`.
 */
import type { EngineConfig } from '../config/engine-config.ts'
import type { FileState } from '../config/file-state.ts'
import { FileWatch } from '../config/file-watch.ts'
import { formatIssue } from '../config/issues.ts'
import type { LoadResult } from '../config/load.ts'
import { reloadMistake } from '../config/next-start.ts'
import { SwitchhookError } from '../errors.ts'
import type { Log } from '../logging/log.ts'
import type { Service } from '../service.ts'
import type { ServiceManager } from './service-manager.ts'

/** What reloading works with. */
export interface ReloadingParts {
  readonly service: Service
  /** What the service was started with. */
  readonly running: EngineConfig
  /** The files that it was read from. */
  readonly files: readonly FileState[]
  /** Reads the configuration as it is now; the result has no files where that can't be told. */
  readonly load: () => Promise<LoadResult>
  /** What the command line sets goes before what the file says. */
  readonly complete: (config: EngineConfig) => EngineConfig
  readonly log: Log
  /** What to tell whoever started the process: that a reload begins, and that it has ended. */
  readonly manager: Pick<ServiceManager, 'reloading' | 'ready'>
}

/** See the head of this file. */
export class Reloading {
  readonly #parts: Omit<ReloadingParts, 'running' | 'files'>
  readonly #watch: FileWatch
  #running: EngineConfig
  #isRunning = false
  #isClosed = false
  #askedAgain: string | undefined

  constructor({ running, files, ...parts }: ReloadingParts) {
    this.#parts = parts
    this.#running = running
    this.#watch = new FileWatch(() => this.request('a file has changed'))
    this.#watch.watch(files)
  }

  /** Reads the configuration anew; `cause` is for the log. */
  request(cause: string): void {
    if (this.#isClosed) return
    if (this.#isRunning) {
      this.#askedAgain = cause
      return
    }
    this.#isRunning = true
    const { manager, log } = this.#parts
    manager.reloading()
    this.#reload(cause)
      .catch((error: unknown) => {
        log.error({ err: error }, 'the configuration could not be reloaded')
        return 'the configuration could not be reloaded: the one before goes on'
      })
      .then((status) => {
        manager.ready(status)
        this.#isRunning = false
        const again = this.#askedAgain
        this.#askedAgain = undefined
        if (again !== undefined) this.request(again)
      })
  }

  /** Watches and reads no more; safe to call twice. */
  close(): void {
    this.#isClosed = true
    this.#watch.close()
  }

  /** Gives in one line what came of it. */
  async #reload(cause: string): Promise<string> {
    const { service, load, complete, log } = this.#parts
    const loaded = await load()
    if (this.#isClosed) return 'stopping'
    // A load that broke can't tell its files: those of the one before stay watched, in which it may be mended.
    if (loaded.files.length > 0) this.#watch.watch(loaded.files)
    const issues = issuesOf(this.#running, loaded)
    if (loaded.kind === 'refused' || issues.length > 0) {
      return this.#refused(cause, issues)
    }
    for (const warning of loaded.warnings) log.warn({ at: formatIssue(warning) }, 'configuration')
    const config = complete(loaded.config)
    const waiting = await service.reload(config).catch((error: unknown) => {
      if (!(error instanceof SwitchhookError) || error.code !== 'config') throw error
      return this.#refused(cause, error.issues)
    })
    if (typeof waiting === 'string') return waiting
    // What was set by hand stays unless the file says something else than before.
    if (config.log.level !== this.#running.log.level) log.level = config.log.level
    this.#running = config
    for (const key of waiting) log.warn({ key }, `${key} has changed: it takes effect at the next start`)
    const { webhooks, bindings, templates } = config
    const counts = { webhooks: webhooks.length, bindings: bindings.length, templates: templates.length }
    log.info({ cause, ...counts }, 'the configuration was reloaded')
    return `the configuration was reloaded: ${config.webhooks.length} webhooks`
  }

  #refused(cause: string, issues: readonly string[]): string {
    this.#parts.service.reloadRefused(issues)
    this.#parts.log.error({ cause, issues }, 'the configuration was refused: the one before goes on')
    return `the configuration was refused, ${issues.length} mistakes: the one before goes on`
  }
}

/** Everything that keeps a configuration from taking the place of the one that runs. */
function issuesOf(running: EngineConfig, loaded: LoadResult): readonly string[] {
  if (loaded.kind === 'refused') return loaded.issues.map(formatIssue)
  const mistake = reloadMistake(running, loaded.config)
  return mistake === undefined ? [] : [mistake]
}
