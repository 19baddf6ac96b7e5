/**
 * The store on its own thread: applies batches of changes and slices of orders, each in one synced transaction, and
 * answers questions between them. A transaction that fails keeps nothing: its requests are refused, the tallies are read
 * again, and the store tries a small write now and then until it succeeds.
 */
import { randomInt } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { messageOf, SwitchhookError } from '../../errors.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type Change, decodeChanges } from './changes.ts'
import { Commands, type Order, type Progress } from './commands.ts'
import { EventKeeper } from './event-keeper.ts'
import { FORMAT, readFormat, writeFormat } from './format.ts'
import type { HashSeed } from './hash.ts'
import { readNotes, writeNote } from './notes-table.ts'
import type {
  Answer,
  ChangeOutcome,
  ChangeResults,
  Envelope,
  Message,
  NextOfCall,
  OpenedStore,
  Request,
  StoreFigures,
  StoreHealth,
  StoreSettings,
} from './protocol.ts'
import { OUTCOMES } from './protocol.ts'
import { Questions, rowOf } from './questions.ts'
import { type Found, StateMachine } from './state-machine.ts'
import { openTables, type Tables } from './tables.ts'
import { Tallies, type WebhookTally } from './tallies.ts'

const SEED_KEY = Buffer.from('h')
const PROBE_KEY = Buffer.from('p')

/** Between two tries to write again after a failure, and between two slices of an order that failed. */
const PROBE_EVERY_MS = 1000

/** Free bytes below which a write that fails is put down to the full disk; lmdb says no more than `EIO` of a short one. */
const FULL_BELOW_BYTES = 1024 * 1024

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
  #parts: Parts
  readonly #running: Running[] = []
  #failure = ''
  /** False: nothing new is accepted, so that what was accepted can still be settled. */
  #hasRoom = true
  /** True: lmdb could not write the page that makes a transaction valid, and wants to be opened anew. */
  #isBroken = false
  #isTurnPlanned = false
  #probe: NodeJS.Timeout | undefined

  /** Opens the store in a folder that exists; throws where it can't be used. */
  constructor(settings: StoreSettings, send: (message: Message) => void) {
    this.#settings = settings
    this.#send = send
    this.#parts = assemble(settings.path)
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
        this.#hasRoom = !request.takesEvents || this.#freeBytes() >= this.#settings.reserveBytes
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
      case 'due':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'due', page: this.#parts.questions.due(request.request) })
        return
      case 'find':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'find', page: this.#parts.questions.find(request.query, request.webhook) })
        return
      case 'get':
        this.#parts.tables.refresh()
        this.#answer(number, { kind: 'get', record: this.#parts.questions.get(request.id) })
        return
      case 'backup':
        this.#parts.tables.backup(request.file).then(
          () => this.#answer(number, { kind: 'backup' }),
          (error: unknown) => this.#refuse(number, error),
        )
        return
      case 'close':
        clearTimeout(this.#probe)
        this.#parts.tables.close().then(
          () => this.#answer(number, { kind: 'close' }),
          (error: unknown) => this.#refuse(number, error),
        )
    }
  }

  #apply(batch: Uint8Array): ChangeResults {
    const outcomes: number[] = []
    const blocked: { readonly change: number; readonly indexes: readonly number[] }[] = []
    const next: NextOfCall[] = []
    for (const change of decodeChanges(batch)) {
      const { outcome, blockedIndexes, released } = this.#applyOne(change)
      if (blockedIndexes !== undefined) blocked.push({ change: outcomes.length, indexes: blockedIndexes })
      if (released !== undefined) next.push(this.#sent(released))
      outcomes.push(OUTCOMES.indexOf(outcome))
    }
    return { outcomes: Uint8Array.from(outcomes), blocked, next }
  }

  #applyOne(change: Change): Applied {
    switch (change.kind) {
      case 'webhook':
        this.#parts.tallies.define(change.number, change.id)
        return { outcome: 'done' }
      case 'note':
        writeNote(this.#parts.tables.notes, change.table, change.key, change.text)
        return { outcome: 'done' }
      case 'accept': {
        if (!this.#hasRoom) return { outcome: 'no-room' }
        const result = this.#parts.machine.accept(change)
        if (result.kind === 'duplicate' || result.blocked.length === 0) return { outcome: result.kind }
        return { outcome: 'accepted', blockedIndexes: result.blocked }
      }
      case 'settle': {
        const { isPending, next } = this.#parts.machine.settle(change)
        const outcome = isPending ? 'pending' : 'ended'
        return next === undefined ? { outcome } : { outcome, released: next }
      }
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
      running.progress = { ...running.progress, touched, from: slice.next }
      this.#send({ kind: 'figures', figures: this.#figures(changed) })
      if (slice.next === undefined) {
        this.#running.shift()
        const { webhook } = slice
        this.#answer(running.request, { kind: 'order', touched, ...(webhook === undefined ? {} : { webhook }) })
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

  #commit<T>(change: () => T): { readonly value: T; readonly changed: readonly WebhookTally[] } {
    try {
      const committed = this.#parts.tables.commit(() => {
        const value = change()
        return { value, changed: this.#parts.tallies.save() }
      })
      if (this.#hasRoom) this.#recovered()
      else this.#failed(`less than ${this.#settings.reserveBytes} bytes are free on the disk`)
      return committed
    } catch (error) {
      this.#takeBack(error)
      const why = this.#freeBytes() < FULL_BELOW_BYTES ? 'the disk is full' : messageOf(error)
      const detail = `the store can't write: ${why}`
      this.#failed(detail)
      throw new SwitchhookError('unavailable', detail, { cause: error })
    }
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
      this.#parts.tallies.load()
    } catch (unreadable) {
      // Where the page that makes a transaction valid could not be written, lmdb refuses reads too until opened again.
      if (!isPanic(unreadable)) throw unreadable
      this.#isBroken = true
    }
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#settings.path)
    return bavail * bsize
  }

  #failed(detail: string): void {
    if (this.#failure !== detail) this.#tell({ isWritable: false, detail })
    this.#failure = detail
    this.#probe ??= setTimeout(() => void this.#tryAgain(), PROBE_EVERY_MS)
  }

  async #tryAgain(): Promise<void> {
    try {
      if (this.#isBroken) {
        await this.#parts.tables.close()
        this.#parts = assemble(this.#settings.path)
        this.#isBroken = false
      }
      this.#probe = undefined
      this.#hasRoom = this.#freeBytes() >= this.#settings.reserveBytes
      this.#commit(() => {
        const count = this.#parts.tables.state.get(PROBE_KEY)?.readUInt32BE() ?? 0
        const next = Buffer.allocUnsafe(4)
        next.writeUInt32BE((count + 1) % 0xffffffff)
        this.#parts.tables.state.put(PROBE_KEY, next)
      })
    } catch (error) {
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

/** An open store and what works on it. */
interface Parts {
  readonly tables: Tables
  readonly tallies: Tallies
  readonly machine: StateMachine
  readonly commands: Commands
  readonly questions: Questions
  readonly seed: HashSeed
}

function assemble(path: string): Parts {
  const tables = openTables(path)
  const seed = prepare(tables)
  const tallies = new Tallies(tables.state)
  const machine = new StateMachine(tables, tallies)
  const commands = new Commands(tables, machine, new EventKeeper(tables, tallies, seed))
  return { tables, tallies, machine, commands, questions: new Questions(tables, machine, tallies, seed), seed }
}

/** What one change came to, inside the thread. */
interface Applied {
  readonly outcome: ChangeOutcome
  readonly blockedIndexes?: readonly number[]
  readonly released?: Found
}

/** `MDB_PANIC` of lmdb: the environment is of no use until it is opened again. Reads tell it only in their message. */
function isPanic(error: unknown): boolean {
  return messageOf(error).includes('MDB_PANIC')
}

/** Makes a new store or checks the format of an old one; returns its seed. */
function prepare(tables: Tables): HashSeed {
  const format = readFormat(tables.state)
  if (format === undefined) {
    const writer = new ByteWriter()
    writer.u32(randomInt(2 ** 32))
    writer.u32(randomInt(2 ** 32))
    tables.commit(() => {
      writeFormat(tables.state, FORMAT)
      tables.state.put(SEED_KEY, writer.view())
    })
  }
  const reader = new ByteReader(tables.state.get(SEED_KEY) ?? Buffer.alloc(0))
  return { high: reader.u32(), low: reader.u32() }
}
