/**
 * `hanging`: a thousand endpoints, a hundred of which hang, and what that does to the others; then an account with very many
 * waiting events, and what its return does to another account.
 */
import { join } from 'node:path'
import { progress } from '../experiment.ts'
import type { Report } from '../traffic/claims.ts'
import { type RunContext, runTraffic, type TrafficExperiment } from '../traffic/command.ts'
import { measureAccounts } from './accounts.ts'
import { measureEndpoints } from './endpoints.ts'
import { hangingReport } from './report.ts'

/** One line for the list of experiments. */
export const summary = 'many endpoints of which some hang, and an account with very many waiting events'

const HANGING: TrafficExperiment = {
  name: 'hanging',
  summary,
  options: [
    { name: 'endpoints', summary: 'endpoints, of which a tenth hangs', usual: 1000, least: 20, most: 5000 },
    { name: 'pairs', summary: 'slices of load for each engine', usual: 8, least: 1, most: 100 },
    { name: 'seconds', summary: 'length of a slice', usual: 8, least: 1, most: 60 },
    { name: 'waiting', summary: 'events of the account that wait', usual: 1_000_000, least: 100, most: 5_000_000 },
    { name: 'rate', summary: 'events a second of the other account', usual: 200, least: 10, most: 5000 },
  ],
  measure,
}

/** See `Experiment.run`. */
export async function run(args: readonly string[]): Promise<number> {
  return await runTraffic(HANGING, args)
}

async function measure({ folder, numberOf }: RunContext): Promise<Report> {
  const endpoints = await measureEndpoints({
    folder: join(folder, 'endpoints'),
    endpoints: numberOf('endpoints'),
    pairs: numberOf('pairs'),
    sliceMs: numberOf('seconds') * 1000,
  })
  progress('the endpoints are measured')
  const accounts = await measureAccounts({
    folder: join(folder, 'accounts'),
    waiting: numberOf('waiting'),
    rate: numberOf('rate'),
    sliceMs: numberOf('seconds') * 1000,
  })
  return hangingReport(endpoints, accounts)
}
