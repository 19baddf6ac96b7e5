/**
 * The engine as a process of its own, started the way users start it. It dies with the script that started it, whatever
 * happens to that: the channel between them makes the command end when this side is gone. In a group of its own it does not
 * get the terminal's Ctrl-C, so that the script decides when it stops. Used by the demo and the experiments.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { memberOf } from './json-member.ts'

const COMMAND = join(import.meta.dirname, '..', 'bin', 'switchhook.js')

/** Most time for the engine to listen. */
const START_TIMEOUT_MS = 15_000

/** Most time for it to stop after SIGTERM; a little more than it takes itself. */
const STOP_TIMEOUT_MS = 13_000

/** Errors of its log that are kept to be shown. */
const KEPT_LOG_LINES = 20

/** pino's level of errors. */
const ERROR_LEVEL = 50

/** See the head of this file; made by {@link startEngine}. */
export class EngineProcess {
  readonly version: string
  readonly origin: string
  readonly #child: ChildProcess
  readonly #errors: readonly string[]

  constructor(child: ChildProcess, errors: readonly string[], version: string, origin: string) {
    this.#child = child
    this.#errors = errors
    this.version = version
    this.origin = origin
  }

  /** The number of its process. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the engine has no process')
    return this.#child.pid
  }

  /** What it has logged as errors, a line each; the latest only. */
  get errors(): readonly string[] {
    return this.#errors
  }

  /** Resolves with why, when the engine ends by itself or was killed. */
  async ended(): Promise<string> {
    if (!this.#hasEnded()) await once(this.#child, 'exit')
    return [`the engine ended with ${this.#child.exitCode ?? this.#child.signalCode}`, ...this.#errors].join('\n')
  }

  /** Stops it in order; gives what is wrong about its end, nothing where all is well. */
  async stop(): Promise<string | undefined> {
    if (this.#hasEnded()) return await this.ended()
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timer)
    if (this.#child.exitCode === 0) return undefined
    return `the engine did not end in order: ${await this.ended()}`
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}

/**
 * Starts `switchhook serve`; rejects with its errors where it does not come to listen. `killed` ends it at once with
 * SIGKILL, also while it is still starting. `environment` is added to that of this process.
 */
export async function startEngine(
  configFile: string,
  killed?: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<EngineProcess> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', configFile, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: { ...process.env, SWITCHHOOK_RELAYED: '1', ...environment },
  })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  killed?.addEventListener('abort', kill, { once: true })
  if (killed?.aborted === true) kill()
  const errors: string[] = []
  const keep = (line: string): void => {
    if (levelOf(line) < ERROR_LEVEL) return
    errors.push(line)
    if (errors.length > KEPT_LOG_LINES) errors.shift()
  }
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the engine has no output')
  createInterface(stderr).on('line', keep)
  const { promise, resolve, reject } = Promise.withResolvers<EngineProcess>()
  const timer = setTimeout(kill, START_TIMEOUT_MS)
  createInterface(stdout).on('line', (line) => {
    const [, version = '', origin] = /^switchhook (\S+) listening at (http:\S+)$/.exec(line) ?? []
    if (origin === undefined) keep(line)
    else resolve(new EngineProcess(child, errors, version, origin))
  })
  child.once('close', () => reject(new Error(`the engine did not start:\n${errors.join('\n')}`)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** The level of a log line; what is no log line at all (a stack, a message of the command line) counts as an error. */
function levelOf(line: string): number {
  try {
    const entry: unknown = JSON.parse(line)
    return Number(memberOf(entry, 'level') ?? ERROR_LEVEL)
  } catch {
    return ERROR_LEVEL
  }
}
