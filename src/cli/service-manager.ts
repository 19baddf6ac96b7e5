/**
 * Tells systemd, or whatever else offers a `NOTIFY_SOCKET`, how the process stands: ready, reloading, stopping, alive. Invariant:
 * what is told arrives in the order it was said, nobody waits for it, and where it can't be told the engine runs all the same.
 * Used by `serve`.
 *
 * The socket takes datagrams, which Node.js can not send on Unix sockets without native code: so each message is a run of
 * `systemd-notify`, which is there wherever systemd is, a descendant of the service (`NotifyAccess=all`). A shell runs it that is
 * started once, when the process is small: a fork of one of 450 MB held the main thread for 70 ms (two busy cores), each time.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Log } from '../logging/log.ts'
import { Watchdog } from './watchdog.ts'

/**
 * Reads messages, a line each with tabs between their parts, until there are no more; tells the status of each that failed. A
 * manager sends its signals to all processes of a service, this one too, which is needed until the end.
 */
const RELAY = `trap '' HUP INT TERM; set -f; IFS='\t'
while read -r message; do systemd-notify $message || echo $?; done`

/** See the head of this file. Without a `NOTIFY_SOCKET` all of it does nothing. */
export class ServiceManager {
  readonly #environment: NodeJS.ProcessEnv
  readonly #log: Log
  readonly #relay: ChildProcessByStdio<Writable, Readable, null> | undefined
  #hasFailed = false
  #watchdog: Watchdog | undefined

  constructor(environment: NodeJS.ProcessEnv, log: Log) {
    this.#environment = environment
    this.#log = log
    const { NOTIFY_SOCKET = '', PATH = '/usr/bin:/bin' } = environment
    if (NOTIFY_SOCKET === '') return
    this.#relay = spawn('/bin/sh', ['-c', RELAY], {
      env: { PATH, NOTIFY_SOCKET },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#relay.on('error', (error) => this.#failed(error.message))
    this.#relay.stdin.on('error', (error) => this.#failed(error.message))
    this.#relay.stdout.on('data', (status) =>
      this.#failed(`systemd-notify ended with status ${Number.parseInt(String(status), 10)}`),
    )
  }

  /** Ready, after the start or a reload; `status` is one line for people. */
  ready(status: string): void {
    this.#say('READY=1', statusOf(status))
  }

  /** A reload begins, to be followed by {@link ready} whatever comes of it. */
  reloading(): void {
    // CLOCK_MONOTONIC, by which systemd tells this reload from one that it asked for later (sd_notify(3)).
    this.#say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`)
  }

  /** The end begins: the last that is told. */
  stopping(): void {
    this.#say('STOPPING=1', statusOf('stopping: what is in flight may end'))
    this.close()
  }

  /** Tells no more: a reload that ends now must not make it ready again. Else the process would not end. Safe to call twice. */
  close(): void {
    this.#watchdog?.close()
    this.#relay?.stdin.end()
  }

  /** What the process is busy with before it is ready. */
  status(status: string): void {
    this.#say(statusOf(status))
  }

  /**
   * Says that the process is alive, for as long as the main thread turns and `answers` resolves, where the environment asks for
   * it. Nothing is said while it is asked in vain, so that the manager ends the process and starts another.
   */
  watch(answers: () => Promise<unknown>): void {
    const periodMs = this.#relay === undefined ? undefined : watchdogMs(this.#environment)
    if (periodMs === undefined) return
    this.#watchdog = new Watchdog(periodMs / 2, answers, {
      onAlive: () => this.#say('WATCHDOG=1'),
      onFailure: (error) => this.#log.error({ err: error }, 'the store does not answer: the watchdog is not told'),
    })
  }

  #say(...message: readonly string[]): void {
    if (this.#relay?.stdin.writable === true) this.#relay.stdin.write(`${message.join('\t')}\n`)
  }

  /** Once is enough: a container without systemd may still inherit its host's variable. */
  #failed(detail: string): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#log.warn(
      { detail },
      'NOTIFY_SOCKET is set, but the service manager could not be told how this process stands',
    )
  }
}

function statusOf(text: string): string {
  return `STATUS=${text.replace(/\p{Cc}/gu, ' ')}`
}

/**
 * Within which the manager wants to hear, in milliseconds; undefined: it does not. It names the process that it has started:
 * this one, or under an older Node.js the one that started this (`bin/switchhook.js`).
 */
function watchdogMs({ WATCHDOG_USEC = '', WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const isMeant = WATCHDOG_PID === undefined || [process.pid, process.ppid].map(String).includes(WATCHDOG_PID)
  if (!isMeant || !/^[1-9]\d{0,15}$/.test(WATCHDOG_USEC)) return undefined
  return Number(WATCHDOG_USEC) / 1000
}
