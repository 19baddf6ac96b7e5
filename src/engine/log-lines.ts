/**
 * What the engine writes to its log of deliveries, live calls and circuits: a line for each decision that a person on call must
 * know, and at `debug` one for each attempt that failed. Invariant: a line names its delivery or call, webhook and trace, and
 * holds nothing of what was sent; that lines repeat themselves is the log's to bear. Called by the engine.
 */
import type { Outcome } from '../model/attempt.ts'
import type { ClaimedDelivery, Settlement } from '../outbox/contract.ts'
import type { MadeDecision } from './calls/decisions.ts'
import type { EngineLog } from './reports.ts'
import type { CircuitChange } from './send/admission.ts'

/** A delivery whose attempt did not succeed. */
export function logFailed(log: EngineLog, delivery: ClaimedDelivery, settlement: Settlement, outcome: Outcome): void {
  const { id, webhook, account, subject, traceparent } = delivery
  const about = { delivery: id, webhook, account, call: subject, traceparent }
  const { reason, status, detail } = outcome
  switch (settlement.to) {
    case 'delivered':
      return
    case 'dead':
      log.warn({ ...about, because: settlement.reason, reason, status, detail }, 'a delivery is a dead letter')
      return
    case 'again': {
      const next = new Date(settlement.dueMs).toISOString()
      log.debug?.({ ...about, reason, status, detail, next }, 'an attempt failed and will be made again')
    }
  }
}

/** A live call that goes on with the backup; whoever hung up has decided for himself. */
export function logDecision(
  log: EngineLog,
  { id, planned, event, decision, traceparent, durationMs }: MadeDecision,
): void {
  const { id: webhook, account } = planned.webhook
  const about = { invoke: id, webhook, account, call: event.subject, traceparent, durationMs: Math.round(durationMs) }
  if (decision.kind !== 'backup' || decision.reason === 'cancelled') {
    log.debug?.({ ...about, decision: decision.kind }, 'a live call was decided')
    return
  }
  log.warn({ ...about, reason: decision.reason, detail: decision.detail }, 'a live call goes on with the backup')
}

/** A circuit that opened or closed; what changes while it is open is not told. */
export function logCircuit(log: EngineLog, { endpoint, account, circuit }: CircuitChange): void {
  if (circuit.kind === 'closed') {
    log.info({ endpoint, account }, 'a circuit is closed: its endpoint is sent to again')
  } else if (circuit.lastProbeMs === circuit.sinceMs) {
    log.warn({ endpoint, account, reason: circuit.reason }, 'a circuit is open: what its endpoint is sent is held')
  }
}
