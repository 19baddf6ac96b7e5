/**
 * A real Prometheus for tests, with a data folder of its own: scrapes one engine, evaluates the rules that it is given, and is
 * asked over its API. Gone with the test.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type PrometheusOptions, startPrometheus } from '../../scripts/monitoring/prometheus-process.ts'
import { testFiles } from './promtool.ts'

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [atSeconds: number, value: string]
}

/** See the head of this file. */
export class Prometheus {
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  /** Starts one; resolves when it has scraped the engine once. */
  static async start(options: Omit<PrometheusOptions, 'folder'>): Promise<Prometheus> {
    const process = await startPrometheus({ ...options, folder: await testFiles({}) })
    onTestFinished(() => process[Symbol.asyncDispose]())
    const prometheus = new Prometheus(process.url)
    await prometheus.until(async () => {
      process.check()
      return (await prometheus.query('up == 1')).length === 1
    })
    return prometheus
  }

  /** The series that an expression gives now. */
  async query(expr: string): Promise<readonly Series[]> {
    const { result } = await this.#ask('query', { query: expr })
    return Array.isArray(result) ? result : []
  }

  /** `name severity` of every alert that fires now, each once. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = await this.#ask('alerts', {})
    const firing = (Array.isArray(alerts) ? alerts : []).filter(({ state }) => state === 'firing')
    return [...new Set(firing.map(({ labels }) => `${labels.alertname} ${labels.severity}`))].sort()
  }

  /** What its last scrape of the engine came to; empty where all was well. */
  async scrapeError(): Promise<string> {
    const { activeTargets } = await this.#ask('targets', {})
    return Array.isArray(activeTargets) ? String(activeTargets[0]?.lastError) : 'no targets'
  }

  /** Exemplars of a series in the last ten minutes, their labels and values. */
  async exemplars(selector: string): Promise<readonly { readonly labels: Readonly<Record<string, string>> }[]> {
    const nowS = Date.now() / 1000
    const data = await this.#ask('query_exemplars', {
      query: selector,
      start: String(nowS - 600),
      end: String(nowS + 1),
    })
    return Array.isArray(data) ? data.flatMap(({ exemplars }) => exemplars) : []
  }

  /** Asks again and again until it holds; the test's own time limit ends it otherwise. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(50)
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of Prometheus, compared and never trusted
  async #ask(what: string, params: Readonly<Record<string, string>>): Promise<any> {
    const response = await fetch(`${this.#url}/api/v1/${what}?${new URLSearchParams(params)}`).catch(() => undefined)
    // It may not listen yet, or not be ready.
    if (response === undefined || response.status === 503) return {}
    const { status, data, error } = JSON.parse(await response.text())
    expect({ params, status, error }).toEqual({ params, status: 'success' })
    return data
  }
}
