/**
 * One slice of deliveries of one contender: how many a second, and what processor time each took. A contender makes ready
 * outside of the measured time, and is done only when it owes nothing: what it puts off is its cost as well.
 */

import type { Commands } from '../processes/commands.ts'
import { momentMs } from '../processes/moment.ts'
import type { Program } from '../processes/program.ts'
import type { CallRange, Receiver } from '../traffic/receiver.ts'

/** What a slice gives. */
export interface DeliverySlice {
  /** Of the contender's own process, a delivery. */
  readonly cpuUs: number
  /** Of what it needs beside it (a database), a delivery; 0 where it needs nothing. */
  readonly otherCpuUs: number
  readonly perSecond: number
  /** Bytes of a request's head. */
  readonly headBytes: number
}

/** Who delivers. */
export interface Deliverer {
  readonly name: string
  /** Its process. */
  readonly program: Pick<Program<Commands>, 'usage'>
  /** Before the clock runs. */
  readonly prepare: (calls: CallRange) => Promise<void>
  /** Resolves when everything is on its way; gives when it began, where that is not the moment of this call. */
  readonly deliver: () => Promise<number | undefined>
  /** Resolves when nothing is owed any more. */
  readonly settle: () => Promise<void>
  /** Processor time used so far by what it needs beside it. */
  readonly otherCpuUs?: () => Promise<number>
  /** Times that a slice is measured in a row, for one so fast that a single slice is too short to tell much; default 1. */
  readonly times?: number
}

/** Measures one slice, the mean of as many as the deliverer asks for; rejects unless exactly what should arrive has arrived. */
export async function deliverySlice(
  deliverer: Deliverer,
  receiver: Receiver,
  calls: CallRange,
): Promise<DeliverySlice> {
  const slices: DeliverySlice[] = []
  for (let time = 0; time < (deliverer.times ?? 1); time += 1) slices.push(await oneSlice(deliverer, receiver, calls))
  const meanOf = (read: (slice: DeliverySlice) => number): number =>
    slices.reduce((sum, slice) => sum + read(slice), 0) / slices.length
  return {
    cpuUs: meanOf(({ cpuUs }) => cpuUs),
    otherCpuUs: meanOf(({ otherCpuUs }) => otherCpuUs),
    perSecond: meanOf(({ perSecond }) => perSecond),
    headBytes: meanOf(({ headBytes }) => headBytes),
  }
}

async function oneSlice(deliverer: Deliverer, receiver: Receiver, calls: CallRange): Promise<DeliverySlice> {
  const { name, program, prepare, deliver, settle, otherCpuUs = noCpu } = deliverer
  await prepare(calls)
  await receiver.begin(calls)
  const [before, otherBefore] = [await program.usage(), await otherCpuUs()]
  const startedAtMs = momentMs()
  const [beganAtMs, arrived] = await Promise.all([deliver(), receiver.complete(name, calls)])
  await settle()
  const [after, otherAfter] = [await program.usage(), await otherCpuUs()]
  const seconds = (arrived.lastAtMs - (beganAtMs ?? startedAtMs)) / 1000
  return {
    cpuUs: (after.cpuUs - before.cpuUs) / calls.count,
    otherCpuUs: (otherAfter - otherBefore) / calls.count,
    perSecond: calls.count / seconds,
    headBytes: arrived.headBytes / calls.count,
  }
}

function noCpu(): Promise<number> {
  return Promise.resolve(0)
}
