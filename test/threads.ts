/** The threads that this process starts, for tests that kill some of them. */
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'

/** What the owner of a thread is told that was killed: Node ends it with status 1, or with 0 as long as it runs nothing yet. */
export const KILLED: RegExp = /^it ended with status [01]$/

/** The threads that were started since, dead ones as well, until the test ends. */
export function watchThreads(): Worker[] {
  const threads: Worker[] = []
  const onWorker = (thread: Worker): void => void threads.push(thread)
  process.on('worker', onWorker)
  onTestFinished(() => void process.off('worker', onWorker))
  return threads
}

/** Kills those that live, and waits until whoever listens has been told. */
export async function killThreads(threads: readonly Worker[]): Promise<void> {
  const living = threads.filter(({ threadId }) => threadId !== -1)
  const exited = living.map((thread) => once(thread, 'exit'))
  await Promise.all(living.map((thread) => thread.terminate()))
  await Promise.all(exited)
}
