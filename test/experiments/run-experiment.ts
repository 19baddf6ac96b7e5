/**
 * Runs an experiment's command in a small size and gives what it found: its exit status, its output, and the figures that it
 * wrote as JSON.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const MAIN = join(import.meta.dirname, '..', '..', 'scripts', 'experiments', 'main.ts')

/** Longest time for a small run on a machine that does much else beside it. */
export const RUN_TIMEOUT_MS = 300_000

/** Whatever JSON came; tests compare it, and never trust its shape. */
// biome-ignore lint/suspicious/noExplicitAny: figures are compared with toMatchObject, which needs no types
type Json = any

/** What a run gave. `json` is undefined where it wrote none. */
export interface RunResult {
  readonly status: number | null
  readonly output: string
  readonly errors: string
  readonly json: Json
}

/** Runs `npm run experiment -- ARGS`. */
export async function runExperiment(...args: readonly string[]): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-experiment-'))
  try {
    const file = join(folder, 'figures.json')
    const child = spawn(process.execPath, [MAIN, ...args, '--json', file], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const written = await readFile(file, 'utf8').catch(() => undefined)
    return {
      status: child.exitCode,
      output,
      errors,
      json: written === undefined ? undefined : JSON.parse(written),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
