/**
 * `switchhook serve` as a process for tests, on files of a temporary folder: started, signalled, listened to. Its log comes
 * as entries that a test can wait for. All of it is gone with the test.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { Json } from './world.ts'

const COMMAND = join(import.meta.dirname, '..', '..', 'bin', 'switchhook.js')

/** A running server. */
export class ServeProcess {
  /** Where its API listens. */
  readonly url: string
  readonly logged: Json[]
  readonly #child: ChildProcess
  readonly #lines: ReturnType<typeof createInterface>

  private constructor(url: string, logged: Json[], child: ChildProcess, lines: ReturnType<typeof createInterface>) {
    this.url = url
    this.logged = logged
    this.#child = child
    this.#lines = lines
  }

  /** Starts a server on the configuration `file`; rejects with what it says where it does not come to listen. */
  static async start(file: string, environment: NodeJS.ProcessEnv = {}): Promise<ServeProcess> {
    const child = spawn(process.execPath, [COMMAND, 'serve', '--config', file, '--port', '0'], {
      env: { ...process.env, ...environment },
    })
    const exited = once(child, 'exit')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await exited
    })
    const logged: Json[] = []
    const lines = createInterface(child.stderr)
    lines.on('line', (line) => logged.push(line.startsWith('{') ? JSON.parse(line) : { msg: line }))
    for await (const line of createInterface(child.stdout)) {
      const [, url] = /^switchhook \S+ listening at (http:\S+)$/.exec(line) ?? []
      if (url !== undefined) return new ServeProcess(url, logged, child, lines)
    }
    throw new Error(`the server did not start: ${JSON.stringify(logged)}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves with the first entry after the first `known` ones whose message is `message`. */
  async untilLogged(message: string, known = 0): Promise<Json> {
    for (;;) {
      const entry = this.logged.slice(known).find(({ msg }) => msg === message)
      if (entry !== undefined) return entry
      await once(this.#lines, 'line')
    }
  }

  async get(path: string, token = ''): Promise<{ status: number; text: string; json: Json }> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const text = await response.text()
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }
  }
}

/** An empty folder, removed with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-serve-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
