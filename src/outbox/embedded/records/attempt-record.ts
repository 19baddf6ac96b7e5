/**
 * One attempt in bytes: numbers first, then the texts. Made where a delivery is settled, kept with it as it is, read only
 * to be shown.
 */
import type { OutcomeResult, PhaseName, Phases } from '../../../model/attempt.ts'
import type { Reason } from '../../../model/decision.ts'
import type { AttemptRecord } from '../../../model/delivery.ts'
import { ByteReader, type ByteWriter, damaged } from './bytes.ts'

const RESULTS: readonly OutcomeResult[] = ['success', 'failure', 'invalid', 'unsettled']
const PHASES: readonly PhaseName[] = ['waitingMs', 'dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'bodyMs']
/** Behind the texts, where programs do not look that know nothing of them; in microseconds. */
const FIRST_PHASES: readonly PhaseName[] = ['queueMs', 'renderMs']

/** Longest first phase that is kept as it is, in microseconds: some seventy minutes. */
const FIRST_PHASE_LIMIT_US = 0xffff_ffff

export function encodeAttempt(writer: ByteWriter, record: AttemptRecord): void {
  writer.u16(Math.min(record.attempt, 0xffff))
  writer.f64(record.startedAtMs)
  writer.f64(record.durationMs)
  writer.u8(RESULTS.indexOf(record.result))
  writer.u16(record.status)
  let present = 0
  for (const [bit, name] of PHASES.entries()) if (record.phases[name] !== undefined) present |= 1 << bit
  writer.u8(present)
  for (const name of PHASES) {
    const durationMs = record.phases[name]
    if (durationMs !== undefined) writer.f64(durationMs)
  }
  writer.texts([record.reason, record.detail, record.excerpt])
  // One more than the phase takes: 0 stands for none.
  for (const name of FIRST_PHASES) writer.varint(Math.min(microseconds(record.phases[name]) + 1, FIRST_PHASE_LIMIT_US))
}

function microseconds(durationMs: number | undefined): number {
  return durationMs === undefined ? -1 : Math.round(durationMs * 1000)
}

/** Reads an attempt; throws `internal` where it is damaged. */
export function decodeAttempt(bytes: Uint8Array): AttemptRecord {
  const reader = new ByteReader(bytes)
  const attempt = reader.u16()
  const startedAtMs = reader.f64()
  const durationMs = reader.f64()
  const result = RESULTS[reader.u8()]
  if (result === undefined) throw damaged('an attempt')
  const status = reader.u16()
  const present = reader.u8()
  const sent: { -readonly [Name in PhaseName]?: number } = {}
  for (const [bit, name] of PHASES.entries()) if ((present & (1 << bit)) !== 0) sent[name] = reader.f64()
  const [reason = '', detail = '', excerpt = ''] = reader.texts(3)
  const first: { -readonly [Name in PhaseName]?: number } = {}
  for (const name of FIRST_PHASES) {
    const kept = reader.isAtEnd ? 0 : reader.varint()
    if (kept > 0) first[name] = (kept - 1) / 1000
  }
  const phases: Phases = { ...first, ...sent }
  // Only what `encodeAttempt` was given comes back: the reasons are a closed list there.
  return { attempt, startedAtMs, durationMs, result, status, reason: reason as Reason | '', detail, excerpt, phases }
}
