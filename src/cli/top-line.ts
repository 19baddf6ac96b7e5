/**
 * Figures as one plain line, for where `switchhook top` is no terminal: a log, a pipe, a file. Invariant: pure, and names stand
 * before their figures in the same order in each line, so that `awk` and `grep` find them.
 */
import { oneLine } from './output.ts'
import type { Figures } from './top-figures.ts'
import { bytesText, countText, latencyText, rateText } from './top-text.ts'

/** One line. */
export function topLine(figures: Figures): string {
  const { time, since, rates, latency, outbox, circuits, readiness, memory } = figures
  const unready = readiness.filter(({ ready }) => !ready)
  const line = [
    time,
    `events ${rateText(rates?.events)}`,
    `deliveries ${rateText(rates?.deliveries)}`,
    `attempts ${rateText(rates?.attempts)}`,
    `invokes ${rateText(rates?.invokes)}`,
    `invoke p50 ${latencyText(latency.invokeP50Ms)} p99 ${latencyText(latency.invokeP99Ms)}`,
    `lag p50 ${latencyText(latency.lagP50Ms)} p99 ${latencyText(latency.lagP99Ms)}`,
    `pending ${countText(outbox.pending)}`,
    `held ${countText(outbox.held)}`,
    `dead ${countText(outbox.dead)}`,
    `circuits ${circuits.length}`,
    `memory ${bytesText(memory.residentBytes)}`,
    ...(unready.length > 0
      ? [`not ready: ${unready.map(({ name, detail }) => `${name} (${detail})`).join(', ')}`]
      : []),
    ...(readiness.length > 0 && unready.length === 0 ? ['ready'] : []),
    ...(since === 'restarted' ? ['the engine was started anew'] : []),
  ].join('  ')
  return oneLine(line)
}
