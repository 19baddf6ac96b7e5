/**
 * Phases as numbers, in the order of {@link PHASES}: NaN where one did not happen. Each member is named here, since reading one by
 * a name that is computed costs some six times as much, and every attempt's are read three times. Used where attempts are counted
 * and where their outcomes cross the thread border.
 */
import type { Phases } from '../model/attempt.ts'

/** Writes {@link PHASES} many numbers from `at` on. */
export function writePhases(cells: Float64Array, at: number, phases: Phases): void {
  cells[at] = phases.queueMs ?? Number.NaN
  cells[at + 1] = phases.renderMs ?? Number.NaN
  cells[at + 2] = phases.waitingMs ?? Number.NaN
  cells[at + 3] = phases.dnsMs ?? Number.NaN
  cells[at + 4] = phases.connectMs ?? Number.NaN
  cells[at + 5] = phases.tlsMs ?? Number.NaN
  cells[at + 6] = phases.firstByteMs ?? Number.NaN
  cells[at + 7] = phases.bodyMs ?? Number.NaN
  cells[at + 8] = phases.interpretMs ?? Number.NaN
}

/** What {@link writePhases} wrote. */
export function readPhases(cells: Float64Array, at: number): Phases {
  const phases: { -readonly [Name in keyof Phases]: Phases[Name] } = {}
  const queueMs = cells[at]
  const renderMs = cells[at + 1]
  const waitingMs = cells[at + 2]
  const dnsMs = cells[at + 3]
  const connectMs = cells[at + 4]
  const tlsMs = cells[at + 5]
  const firstByteMs = cells[at + 6]
  const bodyMs = cells[at + 7]
  const interpretMs = cells[at + 8]
  if (happened(queueMs)) phases.queueMs = queueMs
  if (happened(renderMs)) phases.renderMs = renderMs
  if (happened(waitingMs)) phases.waitingMs = waitingMs
  if (happened(dnsMs)) phases.dnsMs = dnsMs
  if (happened(connectMs)) phases.connectMs = connectMs
  if (happened(tlsMs)) phases.tlsMs = tlsMs
  if (happened(firstByteMs)) phases.firstByteMs = firstByteMs
  if (happened(bodyMs)) phases.bodyMs = bodyMs
  if (happened(interpretMs)) phases.interpretMs = interpretMs
  return phases
}

function happened(durationMs: number | undefined): durationMs is number {
  return durationMs !== undefined && !Number.isNaN(durationMs)
}
