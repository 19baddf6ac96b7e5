/**
 * A process that takes part in a bench, seen from the bench: started from its file, asked things, ended. Everything whose
 * processor time is compared has a process of its own, and so has whatever makes load or takes requests, so that no side
 * pays for another. Used by all benches but those of functions.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Commands, LiveMemory, Question, Usage } from './commands.ts'

/** Longest wait for one answer: the longest slice, a soak's apart, on a machine that does much else. */
const ANSWER_LIMIT_MS = 300_000

/** See the head of this file; `Asked` are the commands that the process answers. */
export class Program<Asked extends Commands> implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #lastNumber = 0

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    child.on('message', (answer: Answer) => this.#onAnswer(answer))
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}`))
      this.#waiting.clear()
    })
  }

  /** Starts a file; the type argument must be the commands that it answers. `nodeArgs` are options of Node.js. */
  static start<Asked extends Commands>(file: URL, nodeArgs: readonly string[] = []): Program<Asked> {
    const child = fork(file, {
      execArgv: ['--disable-warning=ExperimentalWarning', ...nodeArgs],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    return new Program(file.pathname.slice(file.pathname.lastIndexOf('/') + 1), child)
  }

  /** The number of the process. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Asks one thing; rejects with the process's own error, when it ends, or after five minutes and `moreMs`. */
  async ask<Name extends keyof Asked & string>(
    command: Name,
    input: Parameters<Asked[Name]>[0],
    moreMs = 0,
  ): Promise<Awaited<ReturnType<Asked[Name]>>> {
    // The other end answers this command with this type: both are compiled against the same interface.
    return (await this.#ask(command, input, moreMs)) as Awaited<ReturnType<Asked[Name]>>
  }

  /** What the process has used so far. */
  async usage(): Promise<Usage> {
    return (await this.#ask('usage', undefined, 0)) as Usage
  }

  /** What lives in the process; see `LiveMemory`. */
  async memory(): Promise<LiveMemory> {
    return (await this.#ask('memory', undefined, 0)) as LiveMemory
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async #ask(command: string, input: unknown, moreMs: number): Promise<unknown> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`${this.name} has ended`)
    this.#lastNumber += 1
    const number = this.#lastNumber
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(number, waiting)
    const question: Question = { number, command, input }
    this.#child.send(question)
    const limitMs = ANSWER_LIMIT_MS + moreMs
    const timer = setTimeout(
      () => waiting.reject(new Error(`${this.name} did not answer '${command}' within ${limitMs / 1000} s`)),
      limitMs,
    )
    try {
      return await waiting.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(number)
    }
  }

  #onAnswer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number)
    if (answer.kind === 'done') waiting?.resolve(answer.output)
    else waiting?.reject(new Error(`${this.name}: ${answer.detail}`))
  }
}
