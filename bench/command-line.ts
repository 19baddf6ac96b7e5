/**
 * The command line of both commands: reads options, says what is wrong with them and what would be right.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Bench, BenchSize, BenchWishes } from './bench.ts'

/** What was asked for. */
export interface BenchOptions {
  readonly only: readonly string[]
  readonly size: BenchSize
  readonly wishes: BenchWishes
  /** Files to be written; empty: none. */
  readonly json: string
  readonly plot: string
  readonly write: string
}

/** Options, or the exit status where there is nothing to be run. */
export function readOptions(
  args: readonly string[],
  benches: readonly Bench[],
  command: string,
): BenchOptions | number {
  const help = helpText(benches, command)
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        shortest: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        rate: { type: 'string' },
        duration: { type: 'string' },
        soak: { type: 'string' },
        json: { type: 'string', default: '' },
        plot: { type: 'string', default: '' },
        write: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(help)
      return 0
    }
    const unknown = values.only.find((name) => !benches.some((bench) => bench.name === name))
    if (unknown !== undefined) throw new RangeError(`--only ${unknown}: expected one of ${namesOf(benches)}`)
    const isQuick = values.quick || command === 'bench:check'
    return {
      only: values.only,
      size: values.shortest ? 'shortest' : isQuick ? 'check' : 'full',
      wishes: wishesOf(values),
      json: values.json,
      plot: values.plot,
      write: values.write,
    }
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${help}`)
    return 2
  }
}

interface WishTexts {
  readonly rounds?: string | undefined
  readonly rate?: string | undefined
  readonly duration?: string | undefined
  readonly soak?: string | undefined
}

function wishesOf({ rounds, rate, duration, soak }: WishTexts): BenchWishes {
  return {
    ...(rounds === undefined ? {} : { rounds: wholeNumber('rounds', rounds, 1, 1000) }),
    ...(rate === undefined ? {} : { perSecond: wholeNumber('rate', rate, 1, 1_000_000) }),
    ...(duration === undefined ? {} : { sliceMs: milliseconds('duration', duration) }),
    ...(soak === undefined ? {} : { soakMs: milliseconds('soak', soak) }),
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value
  throw new RangeError(`--${name} ${text}: expected a whole number from ${least} to ${most}`)
}

/** From 100 ms to 24 h. */
function milliseconds(name: string, text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? []
  const factor = new Map([
    ['ms', 1],
    ['s', 1000],
    ['m', 60_000],
    ['h', 3_600_000],
  ]).get(unit)
  const value = Number(number) * (factor ?? Number.NaN)
  if (value >= 100 && value <= 86_400_000) return value
  throw new RangeError(`--${name} ${text}: expected a time from 100ms to 24h, such as 500ms, 5s or 10m`)
}

function namesOf(benches: readonly Bench[]): string {
  return benches.map(({ name }) => name).join(', ')
}

function helpText(benches: readonly Bench[], command: string): string {
  return `Usage: npm run ${command} -- [options]

${benches.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

  --only NAME      this bench alone; may be given more than once
  --quick          slices as short as those of bench:check
  --shortest       one short round of each: shows that all works, and no time worth telling
  --rounds N       counted rounds
  --rate N         live calls a second; default 1000
  --duration TIME  length of a slice of live calls, such as 5s
  --soak TIME      length of the soak, which else runs only by name, for 10m
  --json FILE      all figures as JSON
  --plot FILE      latencies of live calls over percentiles, as SVG
  --write FILE     puts the report into a page, between its markers

Exit status: 0 all is well; 1 something broke, or is worse than its gate (bench:check); 2 wrong command line; 3 a gate could not
be judged, because the machine was too noisy or its bench did not run (bench:check).
`
}
