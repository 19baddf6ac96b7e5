/**
 * The embedded outbox: durable on the machine's own disk. The store lives on a thread of its own, which applies changes in
 * synced transactions; here is the part of it that is due next, and what is in flight. What a change means for that part
 * takes effect when its transaction is on disk, so that nothing is sent that a power cut could undo.
 */
import { messageOf, SwitchhookError } from '../../errors.ts'
import type { AcceptedEvent, DeliveryRecord } from '../../model/delivery.ts'
import type {
  AcceptVerdict,
  ClaimedDelivery,
  ControlCommand,
  DeliveryPage,
  DeliveryQuery,
  Outbox,
  OutboxCounts,
  PendingWatcher,
  Settlement,
  StepCommand,
  StepResult,
} from '../contract.ts'
import { compileErasure, type EraseCommand, type EraseResult } from '../erasure.ts'
import { DueView, type Entry, type PageRequest } from './due-view.ts'
import type { FolderLock } from './files/folder-lock.ts'
import { copyTables } from './files/inspect.ts'
import { HealthReport } from './health-report.ts'
import { findPage, overdueOf } from './long-questions.ts'
import { StoreNotes } from './notes.ts'
import { PendingCounts } from './pending-counts.ts'
import type { Answer, NextOfCall, OpenedStore, Request, StoreFigures, StoreHealth } from './protocol.ts'
import { encodeAccept, encodeSettlement, encodeWebhook } from './records/changes.ts'
import { parsePlace } from './records/keys.ts'
import type { StoreThread } from './store-thread.ts'
import type { Buried } from './thread/eraser.ts'
import { newRow } from './thread/questions.ts'
import { WebhookNumbers } from './webhook-numbers.ts'
import type { ViewLimits } from './window-shares.ts'

/** Until a page that could not be read is asked for again, or what could not be written is written again. */
const TRY_AGAIN_AFTER_MS = 1000

/** Webhooks whose next deliveries are read before the outbox is open; the others' as soon as they are claimed. */
const PRIMED_WEBHOOKS = 100

/** See the head of this file. Opened by `openEmbeddedOutbox`. */
export class EmbeddedOutbox implements Outbox {
  readonly notes: StoreNotes
  readonly #thread: StoreThread
  readonly #lock: FolderLock
  readonly #seed: OpenedStore['seed']
  readonly #numbers: WebhookNumbers
  readonly #view: DueView
  readonly #pending = new PendingCounts()
  readonly #pages = new Set<Promise<void>>()
  readonly #health = new HealthReport()
  #figures: StoreFigures
  #onClaimable: () => void = () => undefined
  #isClosed = false

  constructor(thread: StoreThread, opened: OpenedStore, lock: FolderLock, limits: ViewLimits) {
    this.#thread = thread
    this.#lock = lock
    this.#seed = opened.seed
    this.#numbers = new WebhookNumbers(opened.webhooks)
    this.#view = new DueView(limits, (request) => this.#readPage(request))
    this.#figures = opened.figures
    this.notes = new StoreNotes(opened.notes, thread)
    this.onFigures(opened.figures)
    for (const { webhook, position } of opened.heads) this.#view.behind(this.#numbers.idOf(webhook), position)
    this.#view.prime(PRIMED_WEBHOOKS)
  }

  accept(events: readonly AcceptedEvent[]): Promise<readonly AcceptVerdict[]> {
    if (events.length === 0) return Promise.resolve([])
    const { promise, resolve, reject } = Promise.withResolvers<readonly AcceptVerdict[]>()
    const webhooks = new Set(events.flatMap(({ deliveries }) => deliveries.map(({ webhook }) => webhook)))
    const unknown = this.#numbers.unconfirmed(webhooks)
    this.#thread.submit({
      changes: unknown.length + events.length,
      takesEvents: true,
      isUrgent: true,
      write: (writer) => {
        for (const [number, id] of unknown) encodeWebhook(writer, number, id)
        for (const event of events) {
          const numbers = event.deliveries.map(({ webhook }) => this.#numbers.numberOf(webhook))
          encodeAccept(writer, event, numbers, this.#seed)
        }
      },
      done: (outcomeAt, blockedAt) => {
        this.#numbers.confirm(unknown)
        const verdicts: AcceptVerdict[] = []
        for (const [index, event] of events.entries()) {
          const outcome = outcomeAt(unknown.length + index)
          if (outcome === 'accepted') this.#accepted(event, blockedAt(unknown.length + index))
          else if (outcome !== 'duplicate') {
            reject(new SwitchhookError('unavailable', 'the disk is nearly full'))
            return
          }
          verdicts.push(outcome)
        }
        resolve(verdicts)
      },
      failed: reject,
    })
    return promise
  }

  claim(nowMs: number, admit: (webhook: string) => boolean, limit: number): readonly ClaimedDelivery[] {
    return this.#view.claim(nowMs, admit, limit).map(({ id, webhook, attempts, crashes, waitsSinceMs, event }) => {
      const { account, acceptedAtMs, subject, traceparent, payload, context } = event
      const delivery = { id, webhook, account, attempts, crashes, waitsSinceMs, acceptedAtMs, subject, traceparent }
      return { ...delivery, payload, context }
    })
  }

  unpark(webhook: string): void {
    this.#view.unpark(webhook)
  }

  settle(settlements: readonly Settlement[]): Promise<void> {
    const settling: { readonly entry: Entry; readonly settlement: Settlement }[] = []
    for (const settlement of settlements) {
      const entry = this.#view.entry(settlement.id)
      if (entry?.phase !== 'leased') continue
      entry.phase = 'settling'
      settling.push({ entry, settlement })
    }
    if (settling.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#thread.submit({
      changes: settling.length,
      takesEvents: false,
      // What was delivered is of no more concern, but for the next of its call.
      isUrgent: settling.some(({ entry, settlement }) => entry.isOrdered || settlement.to !== 'delivered'),
      write: (writer) => {
        for (const { entry, settlement } of settling) {
          const place = parsePlace(entry.id)
          if (place !== undefined) encodeSettlement(writer, this.#numbers.numberOf(entry.webhook), place, settlement)
        }
      },
      done: (outcomeAt) => {
        for (const [index, { entry, settlement }] of settling.entries()) {
          this.#settled(entry, settlement, outcomeAt(index) === 'pending')
        }
        resolve()
      },
      failed: (error) => {
        for (const { entry } of settling) entry.phase = 'leased'
        reject(error)
      },
    })
    return promise
  }

  control(command: ControlCommand): Promise<number> {
    const held = command.kind === 'expire' || command.kind === 'remove-webhook' ? command.webhook : undefined
    const webhook = 'webhook' in command ? this.#numbers.known(command.webhook) : undefined
    const leased = held === undefined ? [] : this.#view.leasedOf(held)
    // What such a command ends must not be claimed before it is done.
    if (held !== undefined) this.#view.hold(held)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#thread.requestAfterAll(
      { kind: 'order', order: { command, webhook, leased } },
      (answer) => {
        if (held !== undefined) this.#view.release(held, command.atMs)
        if (answer.kind !== 'order') return
        this.#health.met(answer.damaged)
        const due = this.#numbers.idOf(answer.webhook ?? -1)
        if (held === undefined && due !== '') this.#view.readAnew(due, command.atMs)
        this.#whileReading(held ?? due).then(() => resolve(answer.touched), reject)
      },
      (error) => {
        if (held !== undefined) this.#view.release(held, command.atMs)
        reject(error)
      },
    )
    return promise
  }

  step(command: StepCommand): Promise<StepResult> {
    const webhook = command.webhook === undefined ? undefined : this.#numbers.known(command.webhook)
    const { promise, resolve, reject } = Promise.withResolvers<StepResult>()
    this.#thread.requestAfterAll(
      { kind: 'order', order: { command, webhook, leased: [] } },
      (answer) => {
        if (answer.kind !== 'order') return
        const { touched, first, last } = answer
        const result = touched < command.limit || last === undefined ? { touched } : { touched, next: last }
        const place = first === undefined ? undefined : parsePlace(first)?.toString('hex')
        if (command.kind === 'forget' || place === undefined) {
          resolve(result)
          return
        }
        this.#view.dueFrom(command.webhook, { dueMs: command.atMs, place }, command.atMs)
        this.#whileReading(command.webhook).then(() => resolve(result), reject)
      },
      reject,
    )
    return promise
  }

  async erase(command: EraseCommand): Promise<EraseResult> {
    compileErasure(command)
    const { promise, resolve, reject } = Promise.withResolvers<EraseResult>()
    this.#thread.requestAfterAll(
      { kind: 'erase', command },
      (answer) => {
        if (answer.kind !== 'erase') return
        // What is in flight ends when it is settled.
        const idle = answer.buried.filter(({ id }) => this.#view.drop(id))
        this.#unbury(idle, command.atMs).then(() => resolve(answer.result), reject)
      },
      reject,
    )
    return await promise
  }

  nextDueMs(): number | undefined {
    return this.#view.nextDueMs()
  }

  async find(query: DeliveryQuery): Promise<DeliveryPage> {
    const webhook = query.webhook === undefined ? undefined : this.#numbers.known(query.webhook)
    const page = await findPage(query, webhook, (request) => this.#ask(request, 'at-once'))
    return { ...page, deliveries: page.deliveries.map((record) => this.#shown(record)) }
  }

  async get(id: string, withContent?: true): Promise<DeliveryRecord | undefined> {
    const answer = await this.#ask({ kind: 'get', id, withContent: withContent === true }, 'at-once')
    return answer.kind === 'get' && answer.record ? this.#shown(answer.record) : undefined
  }

  counts(): OutboxCounts {
    const { pending, delivered, dead, bytes, oldestAcceptedAtMs } = this.#figures
    const counts = { pending, delivered, dead, bytes }
    return oldestAcceptedAtMs === undefined ? counts : { ...counts, oldestAcceptedAtMs }
  }

  pendingOf(webhook: string): number {
    return this.#pending.of(webhook)
  }

  async overdue(dueBeforeMs: number): Promise<readonly string[]> {
    const webhooks = [...this.#pending.webhooks()].map((webhook) => this.#numbers.numberOf(webhook))
    const overdue = await overdueOf(webhooks, dueBeforeMs, (request) => this.#ask(request, 'after-all'))
    return overdue.map((number) => this.#numbers.idOf(number))
  }

  pendingByWebhook(): Iterable<readonly [webhook: string, pending: number]> {
    return this.#pending.entries()
  }

  listen(onClaimable: () => void): void {
    this.#onClaimable = onClaimable
  }

  watch(onPending: PendingWatcher): void {
    this.#pending.watch(onPending)
  }

  /** Whether the store takes changes; where not, why. */
  health(): StoreHealth {
    return this.#health.current
  }

  /** Weight of the queued deliveries in memory, about their number; see {@link ViewLimits}. */
  get weightInMemory(): number {
    return this.#view.weight
  }

  /** Copies a consistent state of the running store to a new folder, which can be opened as a store. */
  async backup(to: string): Promise<void> {
    await copyTables(async (file) => void (await this.#ask({ kind: 'backup', file }, 'after-all')), to)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.notes.flush()
      await this.#ask({ kind: 'close' }, 'after-all')
    } finally {
      this.notes.stop()
      await this.#thread.stop()
      await this.#lock.release()
    }
  }

  /** Called by the store's thread; before the results of the same transaction are. */
  onFigures(figures: StoreFigures): void {
    this.#figures = figures
    for (let index = 0; index < figures.changed.length; index += 2) {
      this.#pending.put(this.#numbers.idOf(figures.changed[index] ?? -1), figures.changed[index + 1] ?? 0)
    }
  }

  onNextOfCall({ webhook, row, event }: NextOfCall): void {
    this.#view.offer(this.#numbers.idOf(webhook), row, event)
    this.#onClaimable()
  }

  onHealth(health: StoreHealth): void {
    this.#health.written(health)
  }

  /** Resolves when what is being read for a webhook is in memory. */
  async whenRead(): Promise<void> {
    while (this.#pages.size > 0) await Promise.all(this.#pages)
  }

  #accepted(event: AcceptedEvent, blocked: readonly number[]): void {
    const isBlocked = new Set(blocked)
    for (const [index, delivery] of event.deliveries.entries()) {
      if (!isBlocked.has(index)) this.#view.offer(delivery.webhook, newRow(event.key, index, delivery), event)
    }
  }

  /** With what the store's thread does not know. */
  #shown(record: DeliveryRecord): DeliveryRecord {
    return this.#view.isInFlight(record.id) ? { ...record, isInFlight: true } : record
  }

  #settled(entry: Entry, settlement: Settlement, isPending: boolean): void {
    if (isPending && settlement.to === 'again') {
      if (settlement.uses === 'attempt') entry.attempts += 1
      if (settlement.uses === 'crash') entry.crashes += 1
      if (settlement.uses !== 'none') entry.waitsSinceMs = settlement.dueMs
      this.#view.requeue(entry, settlement.dueMs)
    } else {
      this.#view.ended(entry)
    }
  }

  /** Lets go of what was erased and is not in flight, so that the next of its ordered calls can go out. */
  #unbury(buried: readonly Buried[], atMs: number): Promise<void> {
    if (buried.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#thread.submit({
      changes: buried.length,
      takesEvents: false,
      isUrgent: true,
      write: (writer) => {
        for (const { id, webhook } of buried) {
          const place = parsePlace(id)
          if (place === undefined) continue
          encodeSettlement(writer, webhook, place, { id, atMs, to: 'dead', reason: 'expired' })
        }
      },
      done: () => resolve(),
      failed: (error) => {
        // When it can be written again; at the latest the next start does it.
        if (this.#isClosed) reject(error)
        else setTimeout(() => this.#unbury(buried, atMs).then(resolve, reject), TRY_AGAIN_AFTER_MS).unref()
      },
    })
    return promise
  }

  #readPage(request: PageRequest): void {
    const { webhook, ...rest } = request
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#pages.add(promise)
    const end = (): void => {
      this.#pages.delete(promise)
      resolve()
    }
    this.#thread.request(
      { kind: 'due', request: { ...rest, webhook: this.#numbers.numberOf(webhook) } },
      (answer) => {
        this.#health.read('')
        if (answer.kind === 'due') {
          this.#health.met(answer.page.damaged)
          this.#view.addPage(request, answer.page)
        }
        end()
        this.#onClaimable()
      },
      (error) => {
        this.#health.read(messageOf(error))
        end()
        if (!this.#isClosed) setTimeout(() => this.#view.failedPage(request), TRY_AGAIN_AFTER_MS)
      },
    )
  }

  async #whileReading(webhook: string): Promise<void> {
    while (this.#view.isReading(webhook) && this.#pages.size > 0) await Promise.all(this.#pages)
  }

  #ask(request: Request, when: 'at-once' | 'after-all'): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    if (when === 'after-all') this.#thread.requestAfterAll(request, resolve, reject)
    else this.#thread.request(request, resolve, reject)
    return promise
  }
}
