/**
 * What the store's thread works with, put together when a store is opened, and again when lmdb had to be closed meanwhile.
 */
import { randomInt } from 'node:crypto'
import { FORMAT, readFormat, readSeed, writeFormat, writeSeed } from '../files/format.ts'
import { type MigrationProgress, migrate } from '../files/migration.ts'
import { openTables, type Tables } from '../files/tables.ts'
import type { HashSeed } from '../records/hash.ts'
import { BatchApplier } from './batch-applier.ts'
import { Commands } from './commands.ts'
import { Eraser } from './eraser.ts'
import { EventKeeper } from './event-keeper.ts'
import { type LateIndex, openIndex } from './late-index.ts'
import { Questions } from './questions.ts'
import { StateMachine } from './state-machine.ts'
import { Tallies } from './tallies.ts'

/** An open store and what works on it. */
export interface StoreParts {
  readonly tables: Tables
  readonly tallies: Tallies
  readonly machine: StateMachine
  readonly index: LateIndex
  readonly applier: BatchApplier
  readonly commands: Commands
  readonly eraser: Eraser
  readonly questions: Questions
  readonly seed: HashSeed
}

/** Opens the store in a folder that exists, makes it, or brings it up from an older format; throws where it can't be used. */
export function openParts(path: string, onProgress: (progress: MigrationProgress) => void): StoreParts {
  const tables = openTables(path)
  if (readFormat(tables.state) === undefined) create(tables)
  const seed = readSeed(tables.state)
  migrate(tables, seed, onProgress)
  const tallies = new Tallies(tables.state)
  const index = openIndex(tables, seed)
  const machine = new StateMachine(tables, tallies, seed, index)
  const keeper = new EventKeeper(tables, tallies, seed, index)
  const commands = new Commands(tables, machine, keeper)
  const eraser = new Eraser(tables, machine, keeper, seed, index)
  const questions = new Questions(tables, machine, tallies, seed, index)
  const applier = new BatchApplier(tables, tallies, machine, index)
  return { tables, tallies, machine, index, applier, commands, eraser, questions, seed }
}

/** Makes a new store of an empty one. */
function create(tables: Tables): void {
  const seed = { high: randomInt(2 ** 32), low: randomInt(2 ** 32) }
  tables.commit(() => {
    writeFormat(tables.state, FORMAT)
    writeSeed(tables.state, seed)
  })
}
