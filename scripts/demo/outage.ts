/**
 * The outage: every now and then the flaky CRM's server is down for a few seconds. What is for it waits, its circuit opens,
 * and once it is back online everything arrives. Nobody else may notice.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { World } from './call.ts'
import { readStats } from './engine-figures.ts'

const WEBHOOK = 'flaky-crm'
const LABEL = 'flaky CRM'

/** Times between outages, of an outage, and between two looks at what the engine makes of it. */
const UP_MS = 900
const LATER_UP_MS = 15_000
const DOWN_MS = 4500
const LOOK_MS = 100

/** Longest time in which a recovered server must have everything: its circuit's probe and a rising rate. */
const RECOVERY_TIMEOUT_MS = 20_000

/** Plays outages until `stopping`; the server is up, and has everything, when it resolves. */
export async function playOutages(world: World, stopping: AbortSignal): Promise<void> {
  let upMs = UP_MS
  while (!stopping.aborted) {
    await wait(upMs, stopping)
    if (stopping.aborted) return
    await playOutage(world, stopping)
    upMs = LATER_UP_MS
  }
}

async function playOutage({ carrier, ledger, receiver, story }: World, stopping: AbortSignal): Promise<void> {
  const server = receiver.serverOf(WEBHOOK)
  story.tell(LABEL, 'server', 'its server goes down')
  server.switchOff()
  let isTold = false
  const brokenBefore = server.brokenConnections
  const downAt = performance.now()
  while (performance.now() - downAt < DOWN_MS && !stopping.aborted) {
    await wait(LOOK_MS, stopping)
    if (isTold) continue
    const { openCircuits } = await readStats(carrier)
    if (openCircuits === 0) continue
    isTold = true
    const text = `circuit open after ${server.brokenConnections - brokenBefore} broken connections: deliveries wait, a probe goes out`
    story.tell(LABEL, 'server', text)
  }
  const waiting = ledger.owedTo(WEBHOOK)
  server.switchOn()
  story.tell(LABEL, 'server', `back online; ${waiting} deliveries have waited for it`, performance.now() - downAt)
  await tellRecovery({ carrier, ledger, receiver, story }, waiting)
}

/** Waits for the backlog; new deliveries may come meanwhile. What never arrives is found in the end. */
async function tellRecovery({ ledger, story }: World, waiting: number): Promise<void> {
  const onlineAt = performance.now()
  const before = ledger.totals().delivered.get(WEBHOOK) ?? 0
  while (performance.now() - onlineAt < RECOVERY_TIMEOUT_MS) {
    const arrived = (ledger.totals().delivered.get(WEBHOOK) ?? 0) - before
    if (arrived >= waiting) {
      story.tell(LABEL, 'arrived', `all ${waiting} that waited have arrived`, performance.now() - onlineAt)
      return
    }
    await pause(LOOK_MS)
  }
}

/** Waits, but not longer than until `stopping`. */
async function wait(durationMs: number, stopping: AbortSignal): Promise<void> {
  await pause(durationMs, undefined, { signal: stopping }).catch(() => undefined)
}
