/**
 * `switchhook top`: how an engine stands while it runs, drawn anew each second on a terminal, a line a period elsewhere.
 * An engine that does not answer for a while is waited for; only where the first figures can't be had it fails.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { ProblemError, type SwitchhookClient, UnreachableError } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { FullScreen } from './full-screen.ts'
import { complain, print, printJson } from './output.ts'
import { type Figures, figuresOf, type Sample } from './top-figures.ts'
import { topLine } from './top-line.ts'
import { topLines } from './top-view.ts'

/** Shorter periods show chance, and cost the engine a scrape each. */
const LEAST_PERIOD_MS = 100

const MOST_PERIOD_MS = 3_600_000

/** A week, as for `tail`. */
const MOST_TIME_MS = 604_800_000

/** An engine that takes longer is in trouble, which is what the view is there to show. */
const ANSWER_TIMEOUT_MS = 10_000

/** What the terminal sends for Ctrl-C while it is asked for single keys. */
const CTRL_C = '\u0003'

/** Watches until it is told to end. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'top',
    forms: ['top [--every DURATION] [--for DURATION] [--count COUNT] [--json] [--url URL | --config FILE]'],
    about:
      'Shows how the engine stands while it runs: rates, latencies, open circuits, what waits and why, the slowest endpoints.\n' +
      'On a terminal it is drawn anew each second: q or Ctrl-C ends it, p pauses it. Elsewhere it is a line a period.',
    words: [],
    options: {
      every: { kind: 'duration', value: 'DURATION', mostMs: MOST_PERIOD_MS, help: 'period, from 100ms; default 1s' },
      for: { kind: 'duration', value: 'DURATION', mostMs: MOST_TIME_MS, help: 'end after this time: 10s, 5m' },
      count: {
        kind: 'number',
        value: 'COUNT',
        least: 1,
        most: 1_000_000_000,
        help: 'end after so many periods; with --for, exit status 1 where they did not come in time',
      },
      json: { kind: 'flag', help: 'each as one JSON object a line' },
      ...ENGINE_OPTIONS,
    },
    notes: `${tokenNote('read')} One for some accounts sees no rates and latencies.`,
    example: 'top --count 1',
  },
  async ({ options }) => {
    const { every: everyMs = 1000 } = options
    if (everyMs < LEAST_PERIOD_MS) throw new SwitchhookError('usage', `--every is at least ${LEAST_PERIOD_MS}ms`)
    const choices = { ...options, everyMs }
    return await withEngine(options, (client, url) => run(client, url, choices), { timeoutMs: ANSWER_TIMEOUT_MS })
  },
)

interface Choices {
  readonly everyMs: number
  readonly for: number | undefined
  readonly count: number | undefined
  readonly json: boolean
}

/** Where figures go. */
interface Show {
  readonly figures: (figures: Figures) => void
  /** There are none this time; undefined: there are again. */
  readonly problem: (problem: string | undefined) => void
  /** True: no samples are to be taken for now. */
  readonly isPaused: () => boolean
  readonly close: () => void
}

async function run(client: SwitchhookClient, url: string, choices: Choices): Promise<ExitStatus> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  // Not once: what comes after the first must not end the process before the terminal is as it was.
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)
  const timer = choices.for === undefined ? undefined : setTimeout(stop, choices.for)
  let show: Show | undefined
  try {
    const first = await takeSample(client, end.signal)
    show = process.stdout.isTTY === true && !choices.json ? onTerminal(url, stop) : asLines(choices.json)
    if (process.stdout.isTTY === true && !choices.json) show.figures(figuresOf(undefined, first))
    const shown = await follow(client, first, show, choices, end.signal)
    return choices.count === undefined || choices.for === undefined || shown === choices.count ? 0 : 1
  } catch (error) {
    if (!end.signal.aborted) throw error
    return choices.count === undefined || choices.for === undefined ? 0 : 1
  } finally {
    show?.close()
    clearTimeout(timer)
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop)
  }
}

/** Shows figures each period until `signal` ends it; resolves to how many. */
async function follow(
  client: SwitchhookClient,
  first: Sample,
  show: Show,
  { everyMs, count }: Choices,
  signal: AbortSignal,
): Promise<number> {
  let before = first
  let shown = 0
  let nextMs = performance.now()
  while (shown !== count) {
    // Periods that passed while the engine took its time are left out, not made up for.
    const nowMs = performance.now()
    nextMs = Math.max(nextMs + everyMs, nowMs)
    await wait(nextMs - nowMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    if (show.isPaused()) continue
    try {
      const sample = await takeSample(client, signal)
      show.problem(undefined)
      show.figures(figuresOf(before, sample))
      before = sample
      shown += 1
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof ProblemError || error instanceof UnreachableError)) throw error
      show.problem(error.message)
    }
  }
  return shown
}

async function takeSample(client: SwitchhookClient, signal: AbortSignal): Promise<Sample> {
  const stats = await client.stats(signal)
  const metrics = stats.accounts === undefined ? await client.metrics(signal) : []
  return { time: new Date().toISOString(), stats, metrics }
}

function asLines(isJson: boolean): Show {
  let told: string | undefined
  return {
    figures: (figures) => (isJson ? printJson(figures) : print(topLine(figures))),
    problem: (problem) => {
      // Said once, however long it lasts.
      if (problem !== undefined && problem !== told) complain(`no figures: ${problem}`)
      told = problem
    },
    isPaused: () => false,
    close: () => undefined,
  }
}

function onTerminal(url: string, stop: () => void): Show {
  let figures: Figures | undefined
  let problem: string | undefined
  let isPaused = false
  const draw = (): void => {
    if (figures === undefined) return
    const frame = { columns: screen.columns, rows: screen.rows, url, nowMs: Date.now(), isPaused }
    screen.draw(topLines(figures, problem === undefined ? frame : { ...frame, problem }))
  }
  const screen = new FullScreen(process.stdin, process.stdout, {
    onKey: (key) => {
      if (key === 'q' || key === 'Q' || key === CTRL_C) stop()
      else if (key === 'p' || key === 'P') {
        isPaused = !isPaused
        draw()
      }
    },
    onResize: draw,
  })
  return {
    figures: (next) => {
      figures = next
      draw()
    },
    problem: (next) => {
      problem = next
      if (next !== undefined) draw()
    },
    isPaused: () => isPaused,
    close: () => screen.close(),
  }
}
