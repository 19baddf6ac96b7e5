/**
 * The store on its own thread: applies batches of changes and slices of orders, each in one synced transaction, and
 * answers questions between them. A transaction that fails keeps nothing: its requests are refused, the tallies are read
 * again, and the store tries a small write now and then until it succeeds.
 */
import { messageOf, SwitchhookError } from '../../../errors.ts'
import type { EraseCommand } from '../../erasure.ts'
import { DISK_FULL, Disk, isOfDisk, isPanic, LEAST_FREE_BYTES, UnwritableDisk } from '../files/disk.ts'
import type {
  Answer,
  ChangeResults,
  Envelope,
  Message,
  NextOfCall,
  OpenedStore,
  Released,
  Request,
  StoreFigures,
  StoreHealth,
  StoreSettings,
} from '../protocol.ts'
import { idOfPlace } from '../records/keys.ts'
import type { Order, Progress } from './commands.ts'
import { readNotes } from './notes-table.ts'
import { rowOf } from './questions.ts'
import type { Found } from './state-machine.ts'
import { openParts, type StoreParts } from './store-parts.ts'
import type { WebhookTally } from './tallies.ts'

const PROBE_KEY = Buffer.from('p')

/** Between two tries to write again after a failure, and between two slices of an order that failed. */
const PROBE_EVERY_MS = 1000

/** Longest time for which a store that is closed still writes its index. */
const CLOSING_LIMIT_MS = 5000

/** Room for a row of the index, where each takes pages of its own: a leaf and what leads to it, of 4096 bytes each. */
const ROW_BYTES = 2 * 4096

/** An order that is being carried out. */
interface Running {
  readonly request: number
  readonly order: Order
  progress: Progress
}

/** See the head of this file. */
export class Store {
  readonly #settings: StoreSettings
  readonly #send: (message: Message) => void
  readonly #disk: Disk
  #parts: StoreParts
  readonly #running: Running[] = []
  #failure = ''
  /** False: nothing new is accepted, so that what was accepted can still be settled. */
  #hasRoom = true
  /** True: lmdb could not write the page that makes a transaction valid, and wants to be opened anew. */
  #isBroken = false
  /** True: nothing is written before a write of our own went well, see {@link Disk}. */
  #isUnwritable = false
  #isTurnPlanned = false
  #commitMs = 0
  #probe: NodeJS.Timeout | undefined
  /** Deliveries that were erased in flight before the process ended. */
  #leftBuried: readonly Found[]

  /** Opens the store in a folder that exists; throws where it can't be used. */
  constructor(settings: StoreSettings, send: (message: Message) => void) {
    this.#settings = settings
    this.#send = send
    this.#disk = new Disk(settings.path)
    this.#parts = openParts(settings.path, (progress) => send({ kind: 'migrating', progress }))
    this.#leftBuried = this.#parts.machine.buried()
    if (this.#leftBuried.length > 0) this.#tryUnbury()
  }

  opened(): OpenedStore {
    return {
      seed: this.#parts.seed,
      webhooks: [...this.#parts.tallies.webhooks()].map(({ number, id }) => [number, id]),
      heads: this.#parts.questions.heads(),
      figures: this.#figures([...this.#parts.tallies.webhooks()]),
      notes: readNotes(this.#parts.tables.notes),
    }
  }

  /** Handles a request; its answer or refusal is sent when there is one. */
  handle({ number, request }: Envelope): void {
    try {
      this.#handle(number, request)
    } catch (error) {
      this.#noticePanic(error)
      this.#refuse(number, error)
    }
  }

  #handle(number: number, request: Request): void {
    switch (request.kind) {
      case 'changes': {
        // Settlements alone do not end what they did not begin: a store without room for events stays so until there is.
        if (request.takesEvents || !this.#hasRoom) {
          this.#hasRoom = this.#disk.freeBytes() >= this.#settings.reserveBytes
        }
        const { value: results, changed } = this.#commit(() => this.#apply(request.batch))
        this.#answer(number, { kind: 'changes', results, figures: this.#figures(changed) })
        return
      }
      case 'order':
        this.#parts.tables.refresh()
        this.#running.push({ request: number, order: request.order, progress: this.#parts.commands.begin() })
        // What is done in one slice takes effect in the order asked for.
        if (this.#running.length === 1) this.#turn()
        return
      case 'erase':
        this.#answer(number, this.#erase(request.command))
        return
      case 'due':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'due', page: this.#parts.questions.due(request.request) })
        return
      case 'overdue': {
        this.#parts.tables.refresh()
        const { webhooks, dueBeforeMs } = request
        const overdue = webhooks.filter((webhook) => this.#parts.questions.isOverdue(webhook, dueBeforeMs))
        this.#answer(number, { kind: 'overdue', webhooks: overdue })
        return
      }
      case 'find':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'find', page: this.#parts.questions.find(request.query, request.webhook) })
        return
      case 'get':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'get', record: this.#parts.questions.get(request.id, request.withContent) })
        return
      case 'backup':
        this.#parts.tables.backup(request.file).then(
          () => this.#answer(number, { kind: 'backup' }),
          (error: unknown) => this.#refuse(number, error),
        )
        return
      case 'close':
        this.#indexAll()
        clearTimeout(this.#probe)
        this.#disk.close()
        this.#parts.tables.close().then(
          () => this.#answer(number, { kind: 'close' }),
          (error: unknown) => this.#refuse(number, error),
        )
    }
  }

  #apply(batch: Uint8Array): ChangeResults {
    const { outcomes, blocked, released } = this.#parts.applier.apply(batch, this.#hasRoom)
    return { outcomes, blocked, next: released.map((found) => this.#sent(found)) }
  }

  #erase(command: EraseCommand): Answer {
    const { eraser, tables } = this.#parts
    tables.refresh()
    const look = eraser.look(command)
    // A step that changes nothing needs no transaction.
    if (command.isDryRun || look.matches.length === 0) return { kind: 'erase', ...eraser.erase(look, command) }
    const { value, changed } = this.#commit(() => eraser.erase(look, command))
    this.#send({ kind: 'figures', figures: this.#figures(changed) })
    return { kind: 'erase', ...value }
  }

  /**
   * Nothing is in flight when a store is opened. Where this can't be written it is tried again with the next probe; undefined
   * then. What the main thread has to know of it unless it is about to be told of the whole store.
   */
  #tryUnbury(): Released | undefined {
    const { machine } = this.#parts
    try {
      const { value, changed } = this.#commit(() =>
        this.#leftBuried.flatMap(({ webhook, place }) => {
          const found = machine.find(webhook, place)
          const next = found === undefined ? undefined : machine.unbury(found, 0)
          return next === undefined ? [] : [this.#sent(next)]
        }),
      )
      this.#leftBuried = []
      return { figures: this.#figures(changed), next: value }
    } catch (error) {
      this.#noticePanic(error)
      return undefined
    }
  }

  #sent(found: Found): NextOfCall {
    return { webhook: found.webhook, row: rowOf(found, 0), event: this.#parts.questions.sent(found.place) }
  }

  /** One slice of the order that waits longest, then the next turn: requests that came meanwhile go in between. */
  #turn(): void {
    const running = this.#running[0]
    if (running === undefined) return
    try {
      const { value: slice, changed } = this.#commit(() => this.#parts.commands.slice(running.order, running.progress))
      const touched = running.progress.touched + slice.touched
      const damaged = running.progress.damaged + (slice.damaged ?? 0)
      const first = running.progress.first ?? slice.first
      const last = slice.last ?? running.progress.last
      running.progress = { ...running.progress, touched, damaged, from: slice.next, first, last }
      this.#send({ kind: 'figures', figures: this.#figures(changed) })
      if (slice.next === undefined) {
        this.#running.shift()
        const span = first === undefined || last === undefined ? {} : { first: idOfPlace(first), last: idOfPlace(last) }
        const { webhook } = slice
        this.#answer(running.request, {
          kind: 'order',
          touched,
          damaged,
          ...span,
          ...(webhook === undefined ? {} : { webhook }),
        })
      }
    } catch (error) {
      this.#noticePanic(error)
      // Where nothing was done yet the order is refused; one that is half done goes on as soon as the store can write.
      if (running.progress.from === undefined) {
        this.#running.shift()
        this.#refuse(running.request, error)
      } else {
        setTimeout(() => this.#planTurn(), PROBE_EVERY_MS)
        return
      }
    }
    this.#planTurn()
  }

  #planTurn(): void {
    if (this.#isTurnPlanned || this.#running.length === 0) return
    this.#isTurnPlanned = true
    setImmediate(() => {
      this.#isTurnPlanned = false
      this.#turn()
    })
  }

  /** Writes the rows of the index, while there is room and time; those left are gathered when the store is opened again. */
  #indexAll(): void {
    const { index } = this.#parts
    const endMs = performance.now() + CLOSING_LIMIT_MS
    const hasRoom = (): boolean => this.#disk.freeBytes() - this.#settings.reserveBytes >= index.rowsOfRest * ROW_BYTES
    try {
      while (!index.isEmpty && hasRoom() && performance.now() < endMs) this.#commit(() => index.writeRest())
    } catch (error) {
      this.#noticePanic(error)
    }
  }

  #commit<T>(change: () => T): { readonly value: T; readonly changed: readonly WebhookTally[] } {
    if (this.#isUnwritable) throw new SwitchhookError('unavailable', this.#failure)
    const startedAtMs = performance.now()
    const committed = this.#commitOrTakeBack(change)
    this.#parts.index.kept()
    this.#commitMs = performance.now() - startedAtMs
    if (this.#hasRoom) this.#recovered()
    else this.#failed(`less than ${this.#settings.reserveBytes} bytes are free on the disk`)
    return committed
  }

  #commitOrTakeBack<T>(change: () => T): { readonly value: T; readonly changed: readonly WebhookTally[] } {
    try {
      return this.#parts.tables.commit(() => {
        const value = change()
        const changed = this.#parts.tallies.save()
        // As late as can be: lmdb writes its pages when this returns.
        this.#disk.requireWritable()
        return { value, changed }
      })
    } catch (error) {
      this.#takeBack(error)
      this.#isUnwritable ||= isOfDisk(error)
      const detail = this.#whyUnwritten(error)
      this.#failed(detail)
      throw new SwitchhookError('unavailable', detail, { cause: error })
    }
  }

  #whyUnwritten(error: unknown): string {
    if (error instanceof UnwritableDisk) return error.message
    // lmdb says no more than `EIO` of a short write.
    return this.#disk.freeBytes() < LEAST_FREE_BYTES ? DISK_FULL : `the store can't write: ${messageOf(error)}`
  }

  /** lmdb tells of a page that it could not write only with the next call. */
  #noticePanic(error: unknown): void {
    if (!isPanic(error)) return
    this.#isBroken = true
    this.#failed(messageOf(error))
  }

  /** What is in memory is as it was before the transaction again. */
  #takeBack(error: unknown): void {
    this.#isBroken ||= isPanic(error)
    if (this.#isBroken) return
    try {
      this.#parts.index.takeBack()
      this.#parts.tallies.load()
    } catch (unreadable) {
      // Where the page that makes a transaction valid could not be written, lmdb refuses reads too until opened again.
      if (!isPanic(unreadable)) throw unreadable
      this.#isBroken = true
    }
  }

  #failed(detail: string): void {
    if (this.#failure !== detail) this.#tell({ isWritable: false, detail })
    this.#failure = detail
    this.#probe ??= setTimeout(() => void this.#tryAgain(), PROBE_EVERY_MS)
  }

  async #tryAgain(): Promise<void> {
    try {
      if (this.#isUnwritable) this.#disk.tryWrite()
      if (this.#isBroken) {
        await this.#parts.tables.close()
        this.#parts = openParts(this.#settings.path, () => undefined)
        this.#isBroken = false
      }
      this.#isUnwritable = false
      this.#probe = undefined
      this.#hasRoom = this.#disk.freeBytes() >= this.#settings.reserveBytes
      this.#commit(() => {
        const count = this.#parts.tables.state.get(PROBE_KEY)?.readUInt32BE() ?? 0
        const next = Buffer.allocUnsafe(4)
        next.writeUInt32BE((count + 1) % 0xffffffff)
        this.#parts.tables.state.put(PROBE_KEY, next)
      })
      const released = this.#leftBuried.length > 0 ? this.#tryUnbury() : undefined
      if (released !== undefined) this.#send({ kind: 'released', released })
    } catch (error) {
      this.#isUnwritable = true
      this.#probe = undefined
      this.#failed(messageOf(error))
    }
  }

  #recovered(): void {
    if (this.#failure === '') return
    this.#failure = ''
    this.#tell({ isWritable: true, detail: '' })
  }

  #tell(health: StoreHealth): void {
    this.#send({ kind: 'health', health })
  }

  #figures(changed: readonly WebhookTally[]): StoreFigures {
    const { pending, delivered, dead, bytes } = this.#parts.tallies.totals
    this.#parts.tables.refresh()
    return {
      pending,
      delivered,
      dead,
      bytes,
      commitMs: this.#commitMs,
      oldestAcceptedAtMs: this.#parts.tallies.oldestAcceptedAtMs(),
      changed: changed.flatMap(({ number, pending }) => [number, pending]),
    }
  }

  #answer(request: number, answer: Answer): void {
    this.#send({ kind: 'answer', request, answer })
  }

  #refuse(request: number, error: unknown): void {
    this.#send({ kind: 'refused', request, reason: messageOf(error) })
  }
}
