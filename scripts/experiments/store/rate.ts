/**
 * How many events a second 64 senders get onto the disk, through the outbox and into lmdb alone, in turns within one run; and
 * how many deliveries are claimed and settled. Everything that was accepted is read back after each turn.
 */
import { join } from 'node:path'
import { openEmbeddedOutbox } from '../../../src/outbox/embedded/open.ts'
import { median, progress } from '../experiment.ts'
import { type BareRow, BareStore, readRows } from './bare.ts'
import { EventMaker } from './events.ts'
import { bySenders, deliverAll, fillDelivered, SENDERS, unreadable } from './work.ts'

/** What is measured. */
export interface RateSettings {
  readonly folder: string
  /** Events in a turn. */
  readonly events: number
  /** Turns of each side that count; one more goes before them. */
  readonly turns: number
  /** Delivered ones in the outbox before the first turn; the bare store begins as a copy of it. */
  readonly history: number
}

/** Events or deliveries a second, a number a turn. */
export interface Rates {
  readonly outbox: readonly number[]
  readonly bare: readonly number[]
  /** Claimed and settled. */
  readonly delivered: readonly number[]
  /** Median of the ratios of the turns. */
  readonly ratio: number
  /** What was not as it was written. */
  readonly broken: readonly string[]
}

/** Every other event has one delivery, the rest have two. */
function deliveriesOf(number: number): number {
  return 1 + (number % 2)
}

/** Runs all turns. */
export async function measureRates({ folder, events, turns, history }: RateSettings): Promise<Rates> {
  const rows = await writtenByOutbox(join(folder, 'template'), events * (turns + 1))
  const maker = new EventMaker()
  const outbox = await openEmbeddedOutbox({ path: join(folder, 'outbox'), reserveBytes: 0 })
  await fillHistory(outbox, maker, history)
  // The same history below both: what a page more costs that is not in memory, it costs both.
  if (history > 0) await outbox.backup(join(folder, 'bare'))
  await using bare = new BareStore(join(folder, 'bare'))
  const rates = { outbox: [] as number[], bare: [] as number[], delivered: [] as number[] }
  const broken: string[] = []
  for (let turn = 0; turn <= turns; turn += 1) {
    const first = history + turn * events
    const through = async (): Promise<number> => {
      const accepted = new Map<string, number>()
      // Made beforehand, as the rows of the bare store are.
      const made = Array.from({ length: events }, (_, index) =>
        maker.make(first + index, deliveriesOf(index), Date.now()),
      )
      const seconds = await bySenders(events, async (index) => {
        const event = made[index]
        if (event === undefined) return
        const [verdict] = await outbox.accept([event])
        if (verdict === 'accepted') accepted.set(event.key, event.deliveries.length)
      })
      const missing = await unreadable(outbox, accepted)
      if (accepted.size !== events || missing.length > 0) {
        broken.push(`turn ${turn}: of ${events} events ${accepted.size} were accepted, ${missing.length} can't be read`)
      }
      return events / seconds
    }
    const alone = async (): Promise<number> => {
      const ofTurn = rows.slice(turn * events, (turn + 1) * events)
      const seconds = await bySenders(events, (index) => bare.write(ofTurn[index] ?? []))
      const missing = bare.missing(ofTurn)
      if (ofTurn.length !== events || missing > 0) broken.push(`turn ${turn}: the bare store lacks ${missing} rows`)
      return events / seconds
    }
    // The order changes, so that neither always comes first.
    const isOutboxFirst = turn % 2 === 0
    const before = isOutboxFirst ? undefined : await alone()
    const outboxRate = await through()
    const bareRate = before ?? (await alone())
    const { count, seconds } = await deliverAll(outbox, Date.now())
    if (outbox.counts().pending > 0) broken.push(`turn ${turn}: ${outbox.counts().pending} can't be claimed`)
    progress(
      `turn ${turn}: outbox ${outboxRate.toFixed(0)}/s, bare ${bareRate.toFixed(0)}/s, delivered ${(count / seconds).toFixed(0)}/s`,
    )
    if (turn === 0) continue
    rates.outbox.push(outboxRate)
    rates.bare.push(bareRate)
    rates.delivered.push(count / seconds)
  }
  await outbox.close()
  // Of each turn's pair: what else the machine does changes from turn to turn, and meets both sides of one.
  const ratio = median(rates.outbox.map((rate, turn) => rate / (rates.bare[turn] ?? Number.NaN)))
  return { ...rates, ratio, broken }
}

/** Rows of as many events as the outbox itself writes them, in the same mix. */
async function writtenByOutbox(folder: string, events: number): Promise<readonly (readonly BareRow[])[]> {
  const maker = new EventMaker()
  const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
  const nowMs = Date.now()
  for (let first = 0; first < events; first += SENDERS) {
    const count = Math.min(SENDERS, events - first)
    await outbox.accept(
      Array.from({ length: count }, (_, index) => maker.make(first + index, deliveriesOf(first + index), nowMs)),
    )
  }
  await outbox.close()
  return await readRows(folder)
}

async function fillHistory(
  outbox: Awaited<ReturnType<typeof openEmbeddedOutbox>>,
  maker: EventMaker,
  history: number,
): Promise<void> {
  const step = 250_000
  for (let first = 0; first < history; first += step) {
    await fillDelivered(outbox, maker, { first, count: Math.min(step, history - first), deliveries: 1 }, Date.now())
    progress(`history: ${outbox.counts().delivered} delivered`)
  }
}
