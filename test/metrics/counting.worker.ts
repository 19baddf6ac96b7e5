/** A worker of the threads test: counts attempts in the block and rows that it was given, then ends. */
import { workerData } from 'node:worker_threads'
import { Recorder } from '../../src/metrics/recorder.ts'

/** What the test hands over. */
export interface CountingWork {
  readonly block: SharedArrayBuffer
  readonly rows: readonly number[]
  /** Attempts in each row; every fourth one fails. */
  readonly attempts: number
}

const work: CountingWork = workerData
const recorder = new Recorder(work.block)
for (let index = 0; index < work.attempts; index += 1) {
  for (const row of work.rows) recorder.attempt(row, index % 4 === 3 ? 'status' : 'success', 2)
  recorder.overhead('render', 0.5)
}
