/**
 * The way of somebody who has just installed the package: an empty folder, `switchhook init`, and then nothing but the commands
 * that it printed, in their order. Used by `packed-install.ts` for the installed package, and by a test for this checkout.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'

/** Where the newcomer is. */
export interface Surroundings {
  readonly folder: string
  /** The variable PATH, in which `switchhook` is found. */
  readonly path: string
}

/** What the newcomer saw. */
export interface Seen {
  /** The commands that `init` printed, as they stand there. */
  readonly commands: readonly string[]
  /** What each of them printed that ended by itself, by its second word (`check`, `trigger`). */
  readonly printed: ReadonlyMap<string, string>
  /** Lines of those that went on until the end, by theirs (`serve`, `sink`, `tail`), and their exit status. */
  readonly lines: ReadonlyMap<string, readonly string[]>
  readonly statuses: ReadonlyMap<string, number | null>
}

/** Commands that go on, with what says that they have begun. */
const GOING_ON: ReadonlyMap<string, RegExp> = new Map([
  ['serve', /^switchhook \S+ listening at /],
  ['sink', /^listening at /],
  ['tail', /^watching /],
])

/** How long anything may take: far more than it does on a busy machine. */
const PATIENCE_MS = 60_000

/** Goes the whole way with these options of `init`; rejects where a command fails, or says nothing of what it should. */
export async function followNewcomer({ folder, path }: Surroundings, choices: string): Promise<Seen> {
  // Who starts this by npm is no newcomer who calls by npx.
  const own = { SWITCHHOOK_URL: '', SWITCHHOOK_TOKEN: '', NO_COLOR: '1', npm_command: '' }
  const env = { ...process.env, ...own, PATH: path }
  const run = (line: string): string =>
    execFileSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const [port, sinkPort] = await Promise.all([freePort(), freePort()])
  const told = run(`switchhook init --yes ${choices} --port ${port} --url http://127.0.0.1:${sinkPort}/calls`)
  const lines = [...told.matchAll(/^ {2}((?:switchhook|export) .*?) *(?: # .*)?$/gm)].map(([, line = '']) => line)
  const commands = lines.filter((line) => line.startsWith('switchhook '))
  // What each terminal is told first.
  const setUp = lines.filter((line) => line.startsWith('export ')).map((line) => `${line}; `)
  const printed = new Map<string, string>()
  const going = new Map<string, GoingOn>()
  try {
    for (const line of commands) {
      const [, name = ''] = line.split(' ')
      const begun = GOING_ON.get(name)
      if (begun !== undefined) going.set(name, await GoingOn.start(`${setUp.join('')}exec ${line}`, begun, folder, env))
      else printed.set(name, run(setUp.join('') + line))
      // Only then is there anything to see.
      if (name === 'trigger') await going.get('tail')?.until(/ delivered | decision /)
    }
  } finally {
    for (const one of [...going.values()].reverse()) await one.stop()
  }
  const statuses = new Map([...going].map(([name, one]) => [name, one.status]))
  return { commands, printed, lines: new Map([...going].map(([name, one]) => [name, one.lines])), statuses }
}

/** A command in a terminal of its own. */
class GoingOn {
  readonly lines: string[] = []
  readonly #line: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #onLine: () => void = () => undefined

  private constructor(line: string, child: ChildProcess) {
    this.#line = line
    this.#child = child
    this.#ended = once(child, 'exit')
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface(stream).on('line', (text) => {
        this.lines.push(text)
        this.#onLine()
      })
    }
  }

  /** `line` gives the shell's place to the command, so that a signal reaches that. */
  static async start(line: string, begun: RegExp, cwd: string, env: NodeJS.ProcessEnv): Promise<GoingOn> {
    const child = spawn('bash', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const one = new GoingOn(line, child)
    await one.until(begun)
    return one
  }

  get status(): number | null {
    return this.#child.exitCode
  }

  /** Resolves with the first line that is like `sought`. */
  async until(sought: RegExp): Promise<string> {
    const late = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = this.lines.find((line) => sought.test(line))
      if (found !== undefined) return found
      if (late.aborted || this.status !== null) {
        throw new Error(`${this.#line} never said ${sought}, only:\n${this.lines.join('\n')}`)
      }
      await new Promise<void>((resolve) => {
        this.#onLine = resolve
        late.addEventListener('abort', () => resolve(), { once: true })
        this.#child.once('exit', () => resolve())
      })
    }
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#ended
  }
}
