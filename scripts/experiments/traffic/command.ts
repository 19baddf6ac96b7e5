/**
 * How the experiments with traffic are called: options that are whole numbers, a folder for configurations and stores that
 * is removed afterwards, a report at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conclude, progress, readOptions, wholeNumber, wrongUsage } from '../experiment.ts'
import { findingsOf, type Report } from './claims.ts'

/** An option; all are whole numbers. */
export interface NumberOption {
  readonly name: string
  /** What it sets, for the help. */
  readonly summary: string
  readonly usual: number
  readonly least: number
  readonly most: number
}

/** What a run is given. */
export interface RunContext {
  readonly folder: string
  /** The value of an option. */
  readonly numberOf: (option: string) => number
}

/** An experiment with traffic. */
export interface TrafficExperiment {
  readonly name: string
  readonly summary: string
  readonly options: readonly NumberOption[]
  /** Rejects where the engine does not start or ends by itself. */
  readonly measure: (context: RunContext) => Promise<Report>
}

/** Runs it with its part of the command line; resolves to the exit status. */
export async function runTraffic(experiment: TrafficExperiment, args: readonly string[]): Promise<number> {
  const { name, options, measure } = experiment
  const help = helpOf(experiment)
  const read = readOptions(help, Object.fromEntries(options.map((option) => [option.name, String(option.usual)])), args)
  if (typeof read === 'number') return read
  const values = new Map<string, number>()
  try {
    for (const { name, least, most } of options) values.set(name, wholeNumber(name, read.texts[name], least, most))
  } catch (error) {
    return wrongUsage(help, error instanceof Error ? error.message : String(error))
  }
  const folder = await mkdtemp(join(tmpdir(), `switchhook-${name}-`))
  try {
    progress(`npm run experiment -- ${name}${[...values].map(([key, value]) => ` --${key} ${value}`).join('')}`)
    const report = await measure({ folder, numberOf: (key) => values.get(key) ?? Number.NaN })
    return await conclude(name, findingsOf(report), read.json)
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`)
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function helpOf({ name, summary, options }: TrafficExperiment): string {
  const lines = options.map((option) => {
    const range = `${option.least} to ${option.most}; default ${option.usual}`
    return `  --${`${option.name} N`.padEnd(14)}${option.summary}, ${range}`
  })
  return `Usage: npm run experiment -- ${name} [options]

${summary}.

${lines.join('\n')}
  --${'json FILE'.padEnd(14)}writes all figures there as well
`
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`
}
