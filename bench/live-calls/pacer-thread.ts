/**
 * The thread that `pacer.ts` starts: sleeps until each moment of a pace, and says so. A moment that is past by then is told at once.
 */
import { parentPort } from 'node:worker_threads'
import { momentMs } from '../processes/moment.ts'
import type { Pace } from './pace.ts'

/** Never written to: waiting for it to change is sleeping. */
const UNCHANGED = new Int32Array(new SharedArrayBuffer(4))

parentPort?.on('message', ({ startedAtMs, perSecond, count }: Pace) => {
  for (let index = 0; index < count; index += 1) {
    const dueAtMs = startedAtMs + (index * 1000) / perSecond
    for (let leftMs = dueAtMs - momentMs(); leftMs > 0; leftMs = dueAtMs - momentMs()) {
      Atomics.wait(UNCHANGED, 0, 0, leftMs)
    }
    parentPort?.postMessage(undefined)
  }
})
