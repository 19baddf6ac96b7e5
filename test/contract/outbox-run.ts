/**
 * One run of an outbox beside the model: each action is done to both, and what can be seen of them must be the same. Where
 * the contract leaves a choice, the outbox chooses and the model follows: whose turn it is, what a purge removes after the
 * clock went back, how many of the latest notes a crash takes. Used by `outbox-property.ts`; a run is used once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { AcceptedEvent, DeliveryRecord } from '../../src/model/delivery.ts'
import type { DeliveryPage, DeliveryQuery, Outbox, Settlement, StepCommand } from '../../src/outbox/contract.ts'
import { ERASE_STEP } from '../../src/outbox/erasure.ts'
import {
  type Action,
  type EraseShape,
  type EventShape,
  type Pick,
  type StepShape,
  WEBHOOKS,
  type Write,
} from './outbox-actions.ts'
import { CallMaker, callerOf, describeCall, describeEvent, subjectOf, timeText } from './outbox-calls.ts'
import { eraseStepwise } from './outbox-erasure.ts'
import { FairnessWatch } from './outbox-fairness.ts'
import { type ModelDelivery, OutboxModel } from './outbox-model.ts'
import { NotesModel } from './outbox-notes-model.ts'
import { T0 } from './outbox-world.ts'

/** Opens what an outbox kept as a new one: `close` after it was closed, `crash` while it is still open and then never used again. */
export type Reopen = (outbox: Outbox, how: 'crash' | 'close') => Promise<Outbox>

/** Longest wait for a back end that reads from disk to say that more can be claimed. */
const READ_MS = 60_000

/** See the head of this file. */
export class OutboxRun {
  /** What was called, a line each, with the ids and times that the picks came to. */
  readonly log: string[] = []
  readonly #model = new OutboxModel()
  readonly #notes = new NotesModel()
  readonly #fairness = new FairnessWatch()
  readonly #make = new CallMaker()
  readonly #reopen: Reopen | undefined
  #outbox: Outbox
  #nowMs = T0
  #onClaimable: (() => void) | undefined
  /** Pending deliveries by webhook, as far as the outbox told of them. */
  #told = new Map<string, number>()

  constructor(outbox: Outbox, reopen: Reopen | undefined) {
    this.#outbox = outbox
    this.#reopen = reopen
    this.#listen()
  }

  async do(action: Action): Promise<void> {
    switch (action.kind) {
      case 'wait':
        this.#nowMs += action.ms
        this.log.push(`time ${timeText(this.#nowMs)}`)
        break
      case 'together':
        this.log.push('together:')
        await Promise.all(action.writes.map((write) => this.#write(write)))
        break
      case 'flood':
        await this.#flood(action.webhook, action.count)
        break
      case 'claim':
        await this.#claim(action.limit, new Map(Object.entries(action.room)), this.#nowMs)
        break
      case 'unpark':
        this.#unpark(action.webhook)
        break
      case 'purge':
        await this.#purge(action.state, this.#nowMs + action.beforeAfterMs, action.limit)
        break
      case 'erase-stepwise':
        await this.#erase(action, action.limit)
        break
      case 'note':
        this.log.push(`note ${action.table} ${action.key} = ${action.text}`)
        this.#outbox.notes.put(action.table, action.key, action.text)
        this.#notes.put(action.table, action.key, action.text)
        break
      case 'flush':
        this.log.push('flush')
        await this.#outbox.notes.flush()
        this.#notes.flush()
        break
      case 'find':
        await this.#find(action)
        break
      case 'get': {
        const id = this.#pick(action.pick)
        this.log.push(`get ${id}`)
        expect(await this.#outbox.get(id)).toEqual(this.#model.get(id))
        break
      }
      case 'reopen':
        await this.#openAgain(action.how)
        break
      default:
        await this.#write(action)
    }
    await this.#compareFigures()
  }

  /** Compares all records, then brings every delivery to its end: nothing may be lost. */
  async finish(): Promise<void> {
    await this.#compareRecords()
    const endMs = Math.max(this.#nowMs, ...this.#model.deliveries.map(({ dueMs }) => dueMs))
    const settleLeased = async (): Promise<void> => {
      const settlements = this.#model.leased().map(({ id }): Settlement => ({ id, atMs: endMs, to: 'delivered' }))
      this.log.push(`settle all delivered: ${settlements.map(({ id }) => id).join(' ')}`)
      await this.#outbox.settle(settlements)
      for (const settlement of settlements) this.#model.settle(settlement)
    }
    for (const webhook of WEBHOOKS) this.#unpark(webhook)
    await settleLeased()
    while (this.#model.claimable(endMs).length > 0) {
      await this.#claim(50, new Map(), endMs)
      await settleLeased()
      await this.#compareFigures()
    }
    expect(this.#outbox.counts().pending).toBe(0)
    await this.#compareRecords()
  }

  close(): Promise<void> {
    return this.#outbox.close()
  }

  /** Calls the outbox, and the model follows, before anything is waited for: both see several calls in the same order. */
  async #write(write: Write): Promise<void> {
    const nowMs = this.#nowMs
    switch (write.kind) {
      case 'accept':
        return await this.#accept(write.events)
      case 'settle': {
        const settlements = write.settlements.map((shape) =>
          this.#make.settlement(this.#pick(shape.pick), shape, nowMs),
        )
        this.log.push(...settlements.map((settlement) => `settle ${describeCall(settlement)}`))
        const settled = this.#outbox.settle(settlements)
        for (const settlement of settlements) this.#model.settle(settlement)
        return await settled
      }
      case 'retry':
        return await this.#control({ kind: 'retry', id: this.#pick(write.pick), atMs: nowMs })
      case 'replay': {
        const { webhook, sinceAfterMs, untilAfterMs } = write
        const span = { sinceMs: nowMs + sinceAfterMs, untilMs: nowMs + untilAfterMs }
        return await this.#step({ ...this.#stepOf(write), kind: 'replay', webhook, ...span })
      }
      case 'forget': {
        const webhook = write.webhook === undefined ? {} : { webhook: write.webhook }
        const endedBeforeMs = nowMs + write.beforeAfterMs
        return await this.#step({ ...this.#stepOf(write), kind: 'forget', ...webhook, endedBeforeMs })
      }
      case 'expire': {
        const { webhook, beforeAfterMs, limit } = write
        return await this.#control({ kind: 'expire', webhook, dueBeforeMs: nowMs + beforeAfterMs, limit, atMs: nowMs })
      }
      case 'erase':
        // In one step: more than it looks at at once would be met by what comes together with it.
        return this.#model.deliveries.length > 100 ? undefined : await this.#erase(write, ERASE_STEP)
      case 'remove-webhook':
        return await this.#control({ kind: 'remove-webhook', webhook: write.webhook, limit: write.limit, atMs: nowMs })
    }
  }

  async #control(command: Parameters<OutboxModel['control']>[0]): Promise<void> {
    this.log.push(describeCall(command))
    const touched = this.#outbox.control(command)
    const expected = this.#model.control(command)
    expect(await touched, 'deliveries touched').toBe(expected)
  }

  async #step(command: StepCommand): Promise<void> {
    this.log.push(describeCall(command))
    const result = this.#outbox.step(command)
    const expected = this.#model.step(command)
    expect(await result, 'what the step did').toEqual(expected)
  }

  async #erase({ of, accounts, isDryRun }: EraseShape, limit: number): Promise<void> {
    const subject = of.kind === 'call' ? subjectOf(of.account, of.call) : ''
    const number = of.kind === 'number' ? callerOf(of.id) : ''
    const whose = of.kind === 'call' ? { kind: of.kind, subject } : { kind: of.kind, number }
    const command = { of: whose, isDryRun, limit, atMs: this.#nowMs, ...(accounts === undefined ? {} : { accounts }) }
    this.log.push(`erase ${describeCall(command)}`)
    const erased = eraseStepwise(this.#outbox, command)
    const isOf = (event: AcceptedEvent): boolean =>
      (accounts === undefined || accounts.includes(event.account)) &&
      (of.kind === 'call' ? event.subject === subject : event.payload.includes(number))
    const expected = this.#model.erase(isOf, isDryRun)
    expect(await erased, 'what was erased').toMatchObject(expected)
  }

  #stepOf({ state, accounts, afterIndex, limit }: StepShape): Omit<StepCommand, 'kind'> {
    const after = afterIndex === undefined ? undefined : this.#model.deliveries[afterIndex]?.id
    return {
      state,
      limit,
      atMs: this.#nowMs,
      ...(accounts === undefined ? {} : { accounts }),
      ...(after === undefined ? {} : { after }),
    }
  }

  async #accept(shapes: readonly EventShape[]): Promise<void> {
    const events: AcceptedEvent[] = []
    const expected: string[] = []
    for (const shape of shapes) {
      const event = this.#make.event(shape, this.#nowMs)
      const verdict = this.#model.verdict(event)
      // What is left open is not asked: the event gets an id of its own.
      const asked = verdict === 'either' ? { ...event, hasOwnId: false } : event
      events.push(asked)
      expected.push(verdict === 'duplicate' ? 'duplicate' : 'accepted')
      if (verdict !== 'duplicate') this.#model.accept(asked)
      this.log.push(`accept ${describeEvent(asked)}: ${verdict}`)
    }
    expect(await this.#outbox.accept(events), 'verdicts').toEqual(expected)
  }

  async #flood(webhook: string, count: number): Promise<void> {
    const deliveries = [{ webhook, delayMs: 0, ordered: false }]
    const shape = { id: 'flood', source: '/', account: 'default', hasOwnId: false, call: '', context: '', deliveries }
    await this.#accept(Array.from({ length: count }, () => shape))
  }

  /** Claims until the limit, or until nothing claimable is left: a back end that reads from disk says when it has more. */
  async #claim(limit: number, room: Map<string, number>, nowMs: number): Promise<void> {
    const before = this.#model.claimable(nowMs).length
    let left = limit
    for (;;) {
      const claimed = this.#claimOnce(left, room, nowMs)
      left -= claimed
      if (left === 0 || this.#model.claimable(nowMs).length === 0) return
      const isMoreRead = await this.#claimableAgain()
      expect(isMoreRead, `claimable but not claimed, of ${before}, with ${left} of the limit left`).toBe(true)
    }
  }

  /** The model leases what the webhook that was asked about has to give next; exactly that must be claimed. */
  #claimOnce(limit: number, room: Map<string, number>, nowMs: number): number {
    const expected: unknown[] = []
    const answers: string[] = []
    const admit = (webhook: string): boolean => {
      const claimable = this.#model.claimable(nowMs)
      const next = claimable.find((delivery) => delivery.webhook === webhook)
      if (next === undefined) throw new Error(`was asked about ${webhook}, which has nothing to claim`)
      const roomLeft = room.get(webhook) ?? Number.POSITIVE_INFINITY
      if (roomLeft <= 0) {
        answers.push(`${webhook} refused`)
        this.#model.parked.add(webhook)
        return false
      }
      room.set(webhook, roomLeft - 1)
      answers.push(next.id)
      this.#fairness.onLease(webhook, firstAccounts(claimable))
      expected.push(this.#model.lease(next))
      return true
    }
    this.log.push(`claim ${limit} at ${timeText(nowMs)}`)
    const claimed = this.#outbox.claim(nowMs, admit, limit)
    this.log.push(`  ${answers.join(', ')}`)
    expect(claimed).toEqual(expected)
    expect(claimed.length).toBeLessThanOrEqual(limit)
    return claimed.length
  }

  #unpark(webhook: string): void {
    this.log.push(`unpark ${webhook}`)
    this.#outbox.unpark(webhook)
    this.#model.parked.delete(webhook)
  }

  async #purge(state: 'delivered' | 'dead', endedBeforeMs: number, limit: number): Promise<void> {
    const command = { kind: 'purge', state, endedBeforeMs, limit, atMs: this.#nowMs } as const
    this.log.push(describeCall(command))
    const purgeable = this.#model.purgeable(command)
    const touched = await this.#outbox.control(command)
    const found = await Promise.all(purgeable.map(({ id }) => this.#outbox.get(id)))
    const removed = purgeable.filter((_, index) => found[index] === undefined)
    const kept = purgeable.filter((_, index) => found[index] !== undefined)
    expect(touched, 'deliveries removed').toBe(removed.length)
    if (this.#model.hasClockGoneBack(state)) {
      expect(touched).toBeLessThanOrEqual(limit)
    } else {
      expect(touched).toBe(Math.min(limit, purgeable.length))
      const lastRemovedMs = Math.max(...removed.map(({ endedAtMs }) => endedAtMs))
      expect(Math.min(...kept.map(({ endedAtMs }) => endedAtMs))).toBeGreaterThanOrEqual(lastRemovedMs)
    }
    this.#model.remove(removed)
  }

  /** Pages to the end: every page but the last is full. */
  async #find(action: Extract<Action, { readonly kind: 'find' }>): Promise<void> {
    const { limit, webhook, state, event, accounts, call } = action
    const query = {
      ...(webhook === undefined ? {} : { webhook }),
      ...(state === undefined ? {} : { state }),
      ...(event === undefined ? {} : { event }),
      ...(call === undefined ? {} : { subject: subjectOf('default', call) }),
      ...(accounts === undefined ? {} : { accounts }),
    }
    this.log.push(`find ${JSON.stringify(query)} by ${limit}`)
    const expected = this.#model.find(query)
    expect(await this.#pages({ ...query, limit }, expected.length)).toEqual(expected)
  }

  async #pages(query: DeliveryQuery, expectedLength: number): Promise<DeliveryRecord[]> {
    const found: DeliveryRecord[] = []
    let page: DeliveryPage = await this.#outbox.find(query)
    while (page.next !== undefined) {
      expect(page.deliveries.length, 'length of a page before the last').toBe(query.limit)
      found.push(...page.deliveries)
      expect(found.length, 'deliveries before the last page').toBeLessThan(expectedLength)
      page = await this.#outbox.find({ ...query, cursor: page.next })
    }
    return [...found, ...page.deliveries]
  }

  async #openAgain(how: 'crash' | 'close'): Promise<void> {
    if (this.#reopen === undefined) throw new Error('this outbox cannot be opened again')
    this.log.push(how)
    if (how === 'close') await this.#outbox.close()
    this.#outbox = await this.#reopen(this.#outbox, how)
    this.#listen()
    this.#model.reopen()
    if (how === 'close') this.#notes.flush()
    else expect(this.#notes.crash(this.#outbox.notes), 'notes are as after some first writes').toBe(true)
    await this.#compareRecords()
  }

  async #compareFigures(): Promise<void> {
    const { bytes: _, oldestAcceptedAtMs, ...counts } = this.#outbox.counts()
    expect(counts).toEqual(this.#model.counts())
    const oldest = this.#model.oldestAcceptedAtMs()
    if (oldest.length === 0) expect(oldestAcceptedAtMs).toBeUndefined()
    else expect(oldest.map(toSecond)).toContain(toSecond(oldestAcceptedAtMs ?? Number.NaN))
    const pending = WEBHOOKS.map((webhook) => [webhook, this.#model.pendingOf(webhook)] as const)
    expect(WEBHOOKS.map((webhook) => [webhook, this.#outbox.pendingOf(webhook)])).toEqual(pending)
    expect([...this.#outbox.pendingByWebhook()].sort()).toEqual(pending.filter(([, count]) => count > 0))
    expect(WEBHOOKS.map((webhook) => [webhook, this.#told.get(webhook) ?? 0])).toEqual(pending)
    const expectedMs = this.#model.nextDueMs()
    // What has to be read from disk may come in several pages, and each is told.
    while (this.#outbox.nextDueMs() !== expectedMs && (await this.#claimableAgain()));
    expect(this.#outbox.nextDueMs(), 'next due').toBe(expectedMs)
    expect(this.#notes.areIn(this.#outbox.notes), 'notes are as written').toBe(true)
  }

  async #compareRecords(): Promise<void> {
    const expected = this.#model.find({})
    expect(await this.#pages({ limit: 1000 }, expected.length)).toEqual(expected)
  }

  #listen(): void {
    this.#outbox.listen(() => this.#onClaimable?.())
    // Told by changes alone, they must come to what can be asked for.
    this.#told = new Map(this.#outbox.pendingByWebhook())
    const told = this.#told
    this.#outbox.watch((webhook, change) => told.set(webhook, (told.get(webhook) ?? 0) + change))
  }

  /** True when the outbox says that something has become claimable, false when it does not in time. */
  async #claimableAgain(): Promise<boolean> {
    const said = Promise.withResolvers<boolean>()
    this.#onClaimable = () => said.resolve(true)
    const timeOver = new AbortController()
    const isSaid = await Promise.race([said.promise, sleep(READ_MS, false, { signal: timeOver.signal })])
    timeOver.abort()
    this.#onClaimable = undefined
    return isSaid
  }

  #pick({ among, index }: Pick): string {
    const leased = this.#model.leased()
    const wanted = { leased, ended: this.#model.ended(), all: [], unknown: [] }[among]
    const chosen = wanted.length > 0 ? wanted : this.#model.deliveries
    if (among === 'unknown' || chosen.length === 0) return `unknown-${index}`
    return chosen[index % chosen.length]?.id ?? ''
  }
}

/** Webhooks of `claimable`, which is in due order, with the account of what each has first. */
function firstAccounts(claimable: readonly ModelDelivery[]): ReadonlyMap<string, string> {
  return new Map(claimable.toReversed().map(({ webhook, event }) => [webhook, event.account]))
}

function toSecond(timeMs: number): number {
  return Math.floor(timeMs / 1000)
}
