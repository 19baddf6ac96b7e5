/**
 * Deliveries at a rate that waits for nobody, one by one from acceptance to the wire: of the engine, and of bare dispatch of
 * prepared bytes at the same rate. Times are taken by the processes that send and receive, on one clock.
 */
import type { Histogram } from 'hdr-histogram-js'
import type { ClientCommands } from '../deliveries/client-program.ts'
import { newLatencies, record } from '../live-calls/latencies.ts'
import type { Program } from '../processes/program.ts'
import type { EventSourceCommands } from '../traffic/event-source-program.ts'
import type { CallRange, Receiver } from '../traffic/receiver.ts'

/** Events of a request: few, so that they do not come in bursts. */
const PER_REQUEST = 10

/** Lags of one slice. */
export interface FlowLags {
  /** From the event being accepted (202) to its request's arrival; what was on the wire before that counts as nothing. */
  readonly accepted: Histogram
  /** From when it was due to be sent to its request's arrival. */
  readonly due: Histogram
}

/** Events to a service; resolves when all have arrived. What is due in the first `warmUpMs` (default 0) is no part of the lags. */
export async function eventFlow(
  source: Program<EventSourceCommands>,
  receiver: Receiver,
  calls: CallRange,
  perSecond: number,
  warmUpMs = 0,
): Promise<FlowLags> {
  await source.ask('prepare', { ...calls, perRequest: PER_REQUEST })
  await receiver.begin(calls, true)
  const lengthMs = (calls.count * 1000) / perSecond
  const [{ dueAtMs, acceptedAtMs }] = await Promise.all([
    source.ask('flow', { perSecond }, lengthMs),
    receiver.complete('the engine', calls),
  ])
  const lags = { accepted: newLatencies(), due: newLatencies() }
  const warmAtMs = (dueAtMs[0] ?? 0) + warmUpMs
  for (const [index, arrivedAtMs] of (await receiver.program.ask('times', undefined)).entries()) {
    const request = Math.floor(index / PER_REQUEST)
    if ((dueAtMs[request] ?? 0) < warmAtMs) continue
    record(lags.accepted, arrivedAtMs - (acceptedAtMs[request] ?? Number.NaN))
    record(lags.due, arrivedAtMs - (dueAtMs[request] ?? Number.NaN))
  }
  return lags
}

/** Of a slice of prepared bytes. */
export interface DispatchFlow {
  /** From when it was due to be sent to its arrival. */
  readonly due: Histogram
  /** Processor time a request, without what was prepared. */
  readonly cpuUs: number
}

/** The same of prepared bytes. */
export async function dispatchFlow(
  client: Program<ClientCommands>,
  receiver: Receiver,
  calls: CallRange,
  perSecond: number,
): Promise<DispatchFlow> {
  await client.ask('prepare', calls)
  await receiver.begin(calls, true)
  const before = await client.usage()
  const [dueAtMs] = await Promise.all([
    client.ask('sendAtRate', { perSecond }),
    receiver.complete('bare dispatch', calls),
  ])
  const after = await client.usage()
  const due = newLatencies()
  for (const [index, arrivedAtMs] of (await receiver.program.ask('times', undefined)).entries()) {
    record(due, arrivedAtMs - (dueAtMs[index] ?? Number.NaN))
  }
  return { due, cpuUs: (after.cpuUs - before.cpuUs) / calls.count }
}
