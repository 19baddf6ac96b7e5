/**
 * A real Prometheus as a process of its own, with a folder for its data: scrapes one engine and evaluates the rules that it is
 * given. It is the program of Debian's package `prometheus`; no service of that package is used. Used by the picture of the
 * dashboard and by tests.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../free-port.ts'

/** What it is started with. */
export interface PrometheusOptions {
  /** Where the engine listens, `http://127.0.0.1:8080`. */
  readonly target: string
  /** How often it scrapes and evaluates, as Prometheus writes it. */
  readonly interval: string
  /** Rule files by name. */
  readonly rules: Readonly<Record<string, string>>
  /** A folder of its own; configuration, rules and data go there. */
  readonly folder: string
  /** The label `instance` of the engine; default: its address and port. */
  readonly instance?: string
}

/** A running one; made by {@link startPrometheus}. */
export class PrometheusProcess implements AsyncDisposable {
  /** Where its API is. */
  readonly url: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #said: string[] = []

  constructor(child: ChildProcess, url: string) {
    this.url = url
    this.#child = child
    this.#exited = once(child, 'exit')
    // One that can not be started ends as well, and says why.
    this.#exited.catch((error: unknown) => this.#said.push(String(error)))
    child.stderr?.on('data', (chunk: Buffer) => this.#said.push(String(chunk)))
  }

  /** Throws where it has ended by itself. */
  check(): void {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) return
    throw new Error(`Prometheus ended: ${this.#said.join('')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited.catch(() => undefined)
  }
}

/** Starts one, which may take a second until it answers. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusProcess> {
  const { target, interval, rules, folder, instance } = options
  const labels = instance === undefined ? {} : { labels: { instance } }
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: Object.keys(rules),
    scrape_configs: [{ job_name: 'switchhook', static_configs: [{ targets: [new URL(target).host], ...labels }] }],
  }
  for (const [name, text] of Object.entries({ ...rules, 'prometheus.yml': stringify(config) })) {
    await writeFile(join(folder, name), text)
  }
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return new PrometheusProcess(child, `http://127.0.0.1:${port}`)
}
