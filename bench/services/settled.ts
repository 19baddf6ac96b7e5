/**
 * Waits until a BullMQ queue owes nothing.
 */
import type { Queue } from 'bullmq'

/** How often is looked. */
const LOOK_MS = 20

/** Resolves when no job waits, is delayed, or runs. */
export async function queueSettled(queue: Queue): Promise<void> {
  for (;;) {
    const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized')
    if (Object.values(counts).every((count) => count === 0)) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
