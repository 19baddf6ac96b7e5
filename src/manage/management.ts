/**
 * What is changed while the engine runs: templates, webhooks and bindings, over the API and by reloads of the file. Invariant: a
 * change is checked whole, then durable, then in force at once, and only then answered; changes and reloads wait for each other.
 * Made by the service before the engine, which it is connected to.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { EngineConfig } from '../config/engine-config.ts'
import type { Kind } from '../config/kinds.ts'
import { secretsOfWebhooks } from '../config/secrets-of.ts'
import type { LeftOut } from '../engine/config-status.ts'
import type { PlanChange } from '../engine/plan/plan.ts'
import type { EngineLog } from '../engine/reports.ts'
import { runAtOnce, runInSlices, type Steps } from '../engine/slices.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { Webhook } from '../model/webhook.ts'
import type { Notes } from '../outbox/contract.ts'
import { Change, type Planned } from './change.ts'
import type { Draft } from './draft.ts'
import type { Problem } from './entry.ts'
import type { Layers, Merged } from './layers.ts'
import { mergeLayers, unusableOf } from './merge.ts'
import { OverlayNotes } from './overlay-notes.ts'
import type {
  ChangeResult,
  EntryPage,
  EntryRequest,
  ListRequest,
  PutRequest,
  Refused,
  RemoveRequest,
  SectionsView,
} from './requests.ts'
import { sees } from './sight.ts'
import { type EntryView, Etags, viewOf } from './view.ts'

/** The engine, as far as it is changed from here. */
export interface ChangedEngine {
  change(change: PlanChange): void
  /** Makes all of it ready, a little at a time; what comes back puts it into force. */
  prepare(merged: Merged): Promise<() => void>
  isActive(webhook: string): boolean
  /** These entries can't be used now; others that could not be before can. */
  leftOut(entries: readonly LeftOut[]): void
}

/** What the management works with. */
export interface ManagementParts {
  readonly config: EngineConfig
  readonly notes: Notes
  readonly clock: Clock
  readonly log: EngineLog
  /** Is told secrets before anything can be logged that has to do with them. */
  readonly onSecrets: (secrets: readonly string[]) => void
}

/** Webhooks that are changed in the running plan; more are put into force by a plan that is made beside it. */
const CHANGED_AT_ONCE = 64

/** Characters of entries after which a page ends: each may have a megabyte, and an answer is made in one turn of the loop. */
const PAGE_CHARACTERS = 1_048_576

/** See the head of this file. Main thread only. */
export class Management {
  readonly #parts: Omit<ManagementParts, 'config'>
  readonly #notes: OverlayNotes
  readonly #etags: Etags
  readonly #startedAtMs: number
  #layers: Layers
  #engine: ChangedEngine | undefined
  /** Changes and reloads since the start. */
  #changes = 0
  #last: Promise<unknown> = Promise.resolve()

  /** Puts file and overlay together; nobody waits yet. */
  constructor({ config, ...parts }: ManagementParts) {
    this.#parts = parts
    this.#notes = new OverlayNotes(parts.notes)
    this.#etags = new Etags(this.#notes.etagKey())
    this.#startedAtMs = parts.clock.nowMs()
    this.#layers = runAtOnce(mergeLayers(config, this.#notes.all()))
    parts.onSecrets(secretsOfWebhooks([...this.#layers.merged().webhooks]))
    for (const key of this.#notes.unreadable()) parts.log.error({ key }, 'an entry of the API is damaged and left out')
    this.#warnOfOthers(undefined)
    for (const problem of unusableOf(this.#layers)) {
      const left = leftOutOf(problem)
      parts.log.error(left, `the API's ${left.kind} ${left.id} does not fit the file and is left out`)
    }
  }

  /** What the engine is to run with. */
  merged(): Merged {
    return this.#layers.merged()
  }

  /** From now on changes are put into force there. Called once. */
  connect(engine: ChangedEngine): void {
    this.#engine = engine
    engine.leftOut(unusableOf(this.#layers).map(leftOutOf))
  }

  /**
   * Another file takes the place of the one before: `prepare` gets what the engine is to run with, and what comes back from it
   * is called in the turn of the loop in which the answers of the API change too. Throws `config` where the file does not fit
   * what the API has said, and names that.
   */
  async reload(config: EngineConfig, prepare: (merged: Merged) => Promise<() => void>): Promise<void> {
    await this.#inTurn(async () => {
      const layers = await runInSlices(mergeLayers(config, this.#notes.all(), this.#layers), pause)
      const unusable = unusableOf(layers)
      const issues = unusable
        .filter(({ kind, id }) => this.#layers.inForce(kind, id)?.item !== undefined)
        .flatMap(issuesOf)
      if (issues.length > 0) {
        throw new SwitchhookError('config', 'the file does not fit what was set over the API', { issues })
      }
      this.#parts.onSecrets(secretsOfWebhooks(usableAgain(layers, this.#layers)))
      const apply = await prepare(layers.merged())
      apply()
      const previous = this.#layers
      this.#layers = layers
      this.#warnOfOthers(previous)
      this.#changes += 1
      this.#engine?.leftOut(unusable.map(leftOutOf))
    })
  }

  /** In steps: a long page holds nobody up. */
  async list({ kind, accounts, limit, cursor }: ListRequest): Promise<EntryPage> {
    return await runInSlices(this.#list(kind, { accounts, limit, cursor }), pause)
  }

  /** Undefined: there is none, or it is another account's. */
  get({ kind, id, accounts }: EntryRequest): EntryView | undefined {
    return this.#view(kind, id, accounts)
  }

  /** Rejects with `unavailable` where the store can't write; then nothing has changed. */
  put(request: PutRequest): Promise<ChangeResult> {
    return this.#inTurn(() => this.#carryOut(request.kind, request.id, (change) => change.put(request)))
  }

  /** See {@link put}. */
  remove(request: RemoveRequest): Promise<ChangeResult> {
    return this.#inTurn(() => this.#carryOut(request.kind, request.id, (change) => change.remove(request)))
  }

  sections(): SectionsView {
    const config: Readonly<Record<string, unknown>> = JSON.parse(this.#layers.config.sectionsText)
    return { revision: `${this.#startedAtMs.toString(36)}-${this.#changes}`, config }
  }

  *#list<K extends Kind>(
    kind: K,
    range: Omit<ListRequest, 'kind' | 'cursor'> & { cursor: string | undefined },
  ): Steps<EntryPage> {
    const { ids } = this.#layers.table(kind)
    const entries: EntryView[] = []
    // Templates belong to no account: who may use them may see them.
    const accounts = kind === 'template' ? 'all' : range.accounts
    const { limit } = range
    let characters = 0
    let after = range.cursor
    for (;;) {
      const page = ids.page({ accounts, limit, ...(after !== undefined && { after }) })
      for (const id of page) {
        yield
        const view = this.#view(kind, id, range.accounts)
        if (view === undefined) continue
        const last = entries.at(-1)
        const isFull = entries.length === limit || characters >= PAGE_CHARACTERS
        if (isFull && last !== undefined) return { entries, next: last.id }
        entries.push(view)
        characters += this.#layers.inForce(kind, id)?.text.length ?? 0
      }
      if (page.length < limit) return { entries }
      after = page.at(-1)
    }
  }

  #view<K extends Kind>(kind: K, id: string, accounts: ListRequest['accounts']): EntryView | undefined {
    const entry = this.#layers.inForce(kind, id)
    if (entry === undefined || !sees(accounts, kind, entry, this.#layers.config.accounts)) return undefined
    const isActive = (webhook: string): boolean => this.#engine?.isActive(webhook) ?? false
    return viewOf<K>(kind, entry, this.#layers.table(kind), this.#etags.of(kind, entry), isActive)
  }

  async #carryOut(
    kind: Kind,
    id: string,
    plan: (change: Change<Kind>) => Promise<Planned | Refused>,
  ): Promise<ChangeResult> {
    const stamp = this.#notes.next(this.#parts.clock.nowMs())
    const planned = await plan(new Change(kind, { layers: this.#layers, etags: this.#etags, stamp }))
    if (planned.kind !== 'planned') return planned
    if (planned.draft !== undefined) await this.#make(kind, id, planned, planned.draft)
    const { told } = planned
    const entry = this.#view(kind, id, 'all')
    if (told === 'deleted') return entry === undefined ? { kind: told } : { kind: told, entry }
    if (entry === undefined) throw new SwitchhookError('internal', `the ${kind} that was put is not there`)
    return { kind: told, entry }
  }

  async #make(kind: Kind, id: string, { before, after }: Planned, draft: Draft): Promise<void> {
    const change = draft.change()
    // Those of all others are known: of the webhook itself they may be new, and of what could not be used nobody was told.
    const isNew = (webhook: string): boolean =>
      (kind === 'webhook' && webhook === id) || this.#layers.inForce('webhook', webhook)?.item === undefined
    const news = change.webhooks.flatMap(({ webhook }) => (webhook !== undefined && isNew(webhook.id) ? [webhook] : []))
    this.#parts.onSecrets(secretsOfWebhooks(news))
    const isMany = draft.webhooks > CHANGED_AT_ONCE
    const apply = isMany ? await this.#engine?.prepare(draft.merged()) : undefined
    try {
      await this.#notes.keep({ kind, id }, before, after)
    } catch (error) {
      throw new SwitchhookError('unavailable', 'the store can not write at the moment', { cause: error })
    }
    draft.apply()
    if (apply === undefined) this.#engine?.change(change)
    else apply()
    this.#changes += 1
    this.#engine?.leftOut(unusableOf(this.#layers).map(leftOutOf))
  }

  /** Whoever wrote the file expects to find in force what it says: that another account has the id shows nowhere else. */
  #warnOfOthers(previous: Layers | undefined): void {
    for (const kind of ['webhook', 'binding'] as const) {
      const table = this.#layers.table(kind)
      for (const { id, account } of table.api) {
        const others = table.ofFile(id)?.account
        if (others === undefined || others === account || others === previous?.table(kind).ofFile(id)?.account) continue
        const place = `the API's ${kind} ${id} of account ${account} stands in the place of the file's of account ${others}`
        this.#parts.log.warn({ kind, id, account }, place)
      }
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#last.then(work)
    this.#last = next.catch((error: unknown) => messageOf(error))
    return next
  }
}

function pause(): Promise<void> {
  return nextTurn()
}

/** Webhooks of the API that can be used now and could not before. */
function usableAgain({ tables }: Layers, previous: Layers): readonly Webhook[] {
  return [...tables.webhook.api].flatMap(({ id, item }) =>
    item !== undefined && previous.inForce('webhook', id)?.item === undefined ? [item] : [],
  )
}

function leftOutOf({ kind, id, account, mistakes }: Problem): LeftOut {
  const issues = mistakes.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  return { kind, id, account, issues }
}

function issuesOf(problem: Problem): readonly string[] {
  const { kind, id, issues } = leftOutOf(problem)
  return issues.map((issue) => `the API's ${kind} ${id}: ${issue}`)
}
