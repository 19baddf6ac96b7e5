/**
 * The file that Piscina loads in each worker thread. Its one task hands over the port by which batches come and reports go from
 * then on: a task a batch would cost a promise and two more messages, and a task that waited for answers would let a hanging
 * server occupy the worker.
 */
import { type MessagePort, workerData } from 'node:worker_threads'
import { AttemptRunner } from './attempt-runner.ts'
import type { DeliveryBatch, WorkerSetup } from './protocol.ts'

/** The Piscina task. */
export function openPort(port: MessagePort): void {
  // `workerData` is given by `WorkerSender` and by nobody else.
  const runner = new AttemptRunner(workerData as WorkerSetup, (report) => port.postMessage(report))
  port.on('message', (batch: DeliveryBatch) => runner.run(batch))
}
