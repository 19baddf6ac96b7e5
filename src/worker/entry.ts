/**
 * The file that Piscina loads in each worker thread. A task is a micro-batch and ends as soon as its requests are on their
 * way; outcomes follow as messages, so that a hanging server occupies no slot of the worker.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { AttemptRunner } from './attempt-runner.ts'
import type { DeliveryBatch, WorkerSetup } from './protocol.ts'

/** `workerData` is given by `WorkerSender` and by nobody else. */
const runner = new AttemptRunner(workerData as WorkerSetup, (outcomes) => parentPort?.postMessage(outcomes))

/** The Piscina task. */
export function runBatch(batch: DeliveryBatch): void {
  runner.run(batch)
}
