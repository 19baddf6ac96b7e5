/**
 * `npm run experiment -- NAME [options]`: measures on the real program what must hold, and says what did not. Each
 * experiment has a folder of its own; its `run` prints a table and a verdict and gives the exit status.
 */
import process from 'node:process'
import * as attack from './attack/run.ts'
import * as backlog from './backlog/run.ts'
import * as clock from './clock/run.ts'
import * as disk from './disk/run.ts'
import type { Experiment } from './experiment.ts'
import * as hanging from './hanging/run.ts'
import * as ordered from './ordered/run.ts'
import * as store from './store/run.ts'

/** By the name on the command line. */
const EXPERIMENTS: Readonly<Record<string, Experiment>> = { attack, backlog, clock, disk, hanging, ordered, store }

process.exitCode = await main(process.argv.slice(2))

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined
  if (experiment !== undefined) return await experiment.run(args)
  const usage = ['Usage: npm run experiment -- NAME [options]', '']
  for (const [known, { summary }] of Object.entries(EXPERIMENTS)) usage.push(`  ${known.padEnd(10)}${summary}`)
  usage.push(
    '',
    'NAME --help tells the options. Exit status: 0 all held, 1 something did not, 2 wrong command line.',
    '',
  )
  const isAsked = name === '--help' || name === '-h'
  const output = isAsked ? process.stdout : process.stderr
  output.write(usage.join('\n'))
  return isAsked ? 0 : 2
}
