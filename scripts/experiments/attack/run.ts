/**
 * `attack`: normal load, in turn without and with slow and hostile clients at the ingress and hostile servers behind the webhooks,
 * and with the same of them at a process beside the engine. No call and no event may be lost, and calls must hardly notice.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conclude, progress, readOptions, wholeNumber, wrongUsage } from '../experiment.ts'
import { findingsOf } from '../traffic/claims.ts'
import { measureAttack } from './measure.ts'
import { attackReport } from './report.ts'

/** One line for the list of experiments. */
export const summary = 'normal load while clients and customers’ servers attack'

const HELP = `Usage: npm run experiment -- attack [options]

${summary}.

  --for Ns         how long is attacked altogether, in slices with as much time without,
                   and with an attack on another process in between, 1 to 600; default 30s
  --calls N        live calls a second, 1 to 5000; default 200
  --events N       events a second, 1 to 5000; default 100
  --json FILE      writes all figures there as well
`

/** Longest slice: short enough that both kinds of slices meet the same machine. */
const SLICE_MS = 5000

/** See `Experiment.run`. */
export async function run(args: readonly string[]): Promise<number> {
  const read = readOptions(HELP, { for: '30s', calls: '200', events: '100' }, args)
  if (typeof read === 'number') return read
  const { texts, json } = read
  let options: { readonly totalMs: number; readonly calls: number; readonly events: number }
  try {
    options = {
      totalMs: wholeNumber('for', texts['for']?.replace(/s$/, ''), 1, 600) * 1000,
      calls: wholeNumber('calls', texts['calls'], 1, 5000),
      events: wholeNumber('events', texts['events'], 1, 5000),
    }
  } catch (error) {
    return wrongUsage(HELP, error instanceof Error ? error.message : String(error))
  }
  const { totalMs, calls, events } = options
  const rounds = Math.ceil(totalMs / SLICE_MS)
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-attack-'))
  try {
    progress(`npm run experiment -- attack --for ${totalMs / 1000}s --calls ${calls} --events ${events}`)
    const figures = await measureAttack({ folder, rounds, sliceMs: totalMs / rounds, calls, events })
    return await conclude('attack', findingsOf(attackReport(figures)), json)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
