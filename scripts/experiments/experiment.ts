/**
 * What all experiments share: how they are called, how their options are read, how they tell what came out. Figures are for
 * people and for `--json`; only what must hold decides on the exit status.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A module that `main.ts` knows by name. */
export interface Experiment {
  /** One line for the list of experiments. */
  readonly summary: string
  /** Runs it with its part of the command line; resolves to the exit status. */
  readonly run: (args: readonly string[]) => Promise<number>
}

/** What came out of an experiment. */
export interface Findings {
  readonly rows: readonly Row[]
  /** What must hold and did not, a line each. */
  readonly broken: readonly string[]
  /** Said where nothing is broken. */
  readonly verdict: string
  /** Figures that only `--json` tells. */
  readonly figures?: Readonly<Record<string, unknown>>
}

/** A line of the table: what was measured, and the figure with its unit. */
export interface Row {
  readonly what: string
  readonly value: string
}

/** The options of one call, read from the command line; `json` names the file for the findings, empty for none. */
export interface Options {
  readonly texts: Readonly<Record<string, string>>
  readonly json: string
}

/**
 * Reads options that all have a text and a default. Writes help or what is wrong; then the result is an exit status.
 */
export function readOptions(
  help: string,
  defaults: Readonly<Record<string, string>>,
  args: readonly string[],
): Options | number {
  const options: ParseArgsOptionsConfig = {
    json: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h' },
  }
  for (const [name, value] of Object.entries(defaults)) options[name] = { type: 'string', default: value }
  try {
    const { values } = parseArgs({ args: [...args], options })
    if (values['help'] === true) {
      process.stdout.write(help)
      return 0
    }
    const texts = Object.fromEntries(Object.keys(defaults).map((name) => [name, String(values[name])]))
    return { texts, json: String(values['json']) }
  } catch (error) {
    return wrongUsage(help, error instanceof Error ? error.message : String(error))
  }
}

/** Says what is wrong with the command line; gives the exit status for it. */
export function wrongUsage(help: string, mistake: string): number {
  process.stderr.write(`${mistake}\n\n${help}`)
  return 2
}

/** An option that is a whole number; throws with what would be right. */
export function wholeNumber(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text)
  if (text !== undefined && /^\d{1,15}$/.test(text) && value >= least && value <= most) return value
  throw new RangeError(`--${name} ${text}: expected a whole number from ${least} to ${most}`)
}

/** A line of progress. */
export function progress(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints the table and the verdict, writes the JSON file where one is wanted; gives the exit status. */
export async function conclude(name: string, findings: Findings, json: string): Promise<number> {
  const { rows, broken, verdict, figures } = findings
  const width = Math.max(...rows.map(({ what }) => what.length)) + 2
  progress('')
  for (const { what, value } of rows) progress(what.padEnd(width) + value)
  progress('')
  if (broken.length === 0) progress(verdict)
  for (const line of broken) progress(`BROKEN: ${line}`)
  if (json !== '') {
    const machine = `${process.platform}, ${availableParallelism()} cores, Node.js ${process.versions.node}`
    const content = {
      experiment: name,
      at: new Date().toISOString(),
      machine,
      isClean: broken.length === 0,
      rows,
      broken,
      ...(figures === undefined ? {} : { figures }),
    }
    await writeFile(json, `${JSON.stringify(content, undefined, 2)}\n`)
  }
  return broken.length === 0 ? 0 : 1
}

/** The middle of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
