/**
 * One change that the API asks for, checked whole: by whom, on what condition, whether it is right, and what else would no longer
 * be. Invariant: it changes nothing itself, and gives a draft of what is to change. Used by the management, one at a time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ItemOf, Kind } from '../config/kinds.ts'
import { writtenText } from '../config/written.ts'
import { runInSlices } from '../engine/slices.ts'
import { entriesOf } from '../profiles/entries.ts'
import { expectedMessage, mistake } from '../profiles/mistake.ts'
import { type Conditions, holds } from './conditions.ts'
import { Draft } from './draft.ts'
import type { Entry, Problem, Said, Stamp } from './entry.ts'
import type { Layers } from './layers.ts'
import { type Accounts, type PutRequest, type Refused, type RemoveRequest, SHOWN_USES, type Use } from './requests.ts'
import { accountOf, rangesOf, sees, sightOf } from './sight.ts'
import { type Etags, shownMistakes } from './view.ts'

/** What is to be done: kept durably, and then put into force. */
export interface Planned {
  readonly kind: 'planned'
  /** Absent: nothing changes. */
  readonly draft?: Draft
  /** What the API says of it, before and then; undefined: nothing. */
  readonly before: Said | undefined
  readonly after: Said | undefined
  readonly told: 'created' | 'replaced' | 'unchanged' | 'deleted'
}

/** What a change is judged by. */
export interface ChangeParts {
  readonly layers: Layers
  readonly etags: Etags
  /** Of this change, should it be made. */
  readonly stamp: Stamp
}

/** See the head of this file. */
export class Change<K extends Kind> {
  readonly #kind: K
  readonly #parts: ChangeParts

  constructor(kind: K, parts: ChangeParts) {
    this.#kind = kind
    this.#parts = parts
  }

  /** Plans to put what was sent in force under its id. */
  async put({ id, value, accounts, conditions }: PutRequest): Promise<Planned | Refused> {
    const { layers, stamp } = this.#parts
    if (!this.#holds(id, accounts, conditions)) return { kind: 'precondition-failed' }
    const members = new Map(entriesOf(value) ?? [])
    const ownId = members.get('id')
    if (ownId !== undefined && ownId !== id) {
      const path = ['id']
      const said = typeof ownId === 'string' ? `is ${JSON.stringify(ownId)}` : expectedMessage('a text', ownId)
      return invalid([mistake(path, `${said}, and the path says ${JSON.stringify(id)}: leave it out, or put it there`)])
    }
    const first: Record<string, string> = { id }
    if (this.#kind !== 'template') {
      const account = accountOf(accounts, members.get('account'))
      if (typeof account === 'object') {
        if ('missing' in account) return invalid([mistake(['account'], account.missing)])
        return { kind: 'forbidden', detail: account.foreign }
      }
      if (account !== undefined) first['account'] = account
    }
    const text = writtenText(value, first)
    const draft = new Draft(layers)
    const whole = new Map<string, unknown>([...members, ...Object.entries(first)])
    const named = draft.named('api', sightOf(accounts, layers.config.accounts))
    const entry = layers.readSaid(this.#kind, { id, text, stamp }, whole, named)
    if (entry.item === undefined) return invalid(entry.mistakes)
    const before = layers.inForce(this.#kind, id)
    if (before !== undefined && !this.#sees(before, accounts)) {
      return {
        kind: 'conflict',
        detail: `The id ${JSON.stringify(id)} can't be had: choose another`,
        uses: [],
        total: 0,
      }
    }
    if (accounts !== 'all') {
      const granted = [...layers.config.network.allow, ...rangesOf(before?.item)]
      const added = rangesOf(entry.item).filter((range) => !granted.includes(range))
      // Whoever is for single accounts must not open what lies behind the engine.
      if (added.length > 0) return { kind: 'forbidden', detail: notGranted(added) }
    }
    const known = layers.table(this.#kind).ofApi(id)
    if (known?.text === text && known.item !== undefined) {
      return { kind: 'planned', before: saidOf(this.#kind, known), after: undefined, told: 'unchanged' }
    }
    draft.put(this.#kind, id, entry)
    const conflict = await this.#conflict(draft, 'As it would be then, what names it would not be right')
    if (conflict !== undefined) return conflict
    const told = before === undefined ? 'created' : 'replaced'
    return { kind: 'planned', draft, ...this.#said(known, entry), told }
  }

  /** Plans to take away what the API says under an id. */
  async remove({ id, accounts, conditions }: RemoveRequest): Promise<Planned | Refused> {
    const { layers } = this.#parts
    const before = layers.inForce(this.#kind, id)
    if (before === undefined || !this.#sees(before, accounts)) return { kind: 'not-found' }
    if (!this.#holds(id, accounts, conditions)) return { kind: 'precondition-failed' }
    const known = layers.table(this.#kind).ofApi(id)
    if (known === undefined) {
      const way = this.#kind === 'webhook' ? 'override it, or deactivate it' : 'override it'
      const detail = `The ${this.#kind} stands in the configuration file, where alone it can be deleted: ${way}`
      return { kind: 'conflict', detail, uses: [], total: 0 }
    }
    const draft = new Draft(layers)
    const ofFile = layers.table(this.#kind).ofFile(id)
    if (ofFile !== undefined && !this.#sees(ofFile, accounts)) {
      const detail = "The file's, which would come back, is another account's: that takes a token for both"
      return { kind: 'conflict', detail, uses: [], total: 0 }
    }
    // What names it may have changed while the API's was in force.
    const back = ofFile === undefined ? undefined : layers.reread(this.#kind, ofFile, draft.named('file'))
    if (back !== undefined && back.item === undefined) {
      const uses = usesOf([{ kind: this.#kind, id, account: '', layer: 'file', mistakes: back.mistakes }])
      return { kind: 'conflict', detail: "The file's, which would come back, does not fit", uses, total: uses.length }
    }
    draft.put(this.#kind, id, back)
    const detail =
      back === undefined ? 'It is used' : "With the file's, which would come back, what names it would not be right"
    const conflict = await this.#conflict(draft, detail)
    if (conflict !== undefined) return conflict
    return { kind: 'planned', draft, ...this.#said(known, undefined), told: 'deleted' }
  }

  #said(before: Entry<ItemOf[K]> | undefined, after: Entry<ItemOf[K]> | undefined): Pick<Planned, 'before' | 'after'> {
    return { before: saidOf(this.#kind, before), after: saidOf(this.#kind, after) }
  }

  #sees(entry: Entry<ItemOf[K]>, accounts: Accounts): boolean {
    return sees(accounts, this.#kind, entry, this.#parts.layers.config.accounts)
  }

  /** What the caller does not see is not there for its conditions either. */
  #holds(id: string, accounts: Accounts, conditions: Conditions): boolean {
    const { layers, etags } = this.#parts
    const entry = layers.inForce(this.#kind, id)
    const isThere = entry !== undefined && this.#sees(entry, accounts)
    return holds(conditions, isThere ? etags.of(this.#kind, entry) : undefined)
  }

  async #conflict(draft: Draft, detail: string): Promise<Refused | undefined> {
    const problems = await runInSlices(draft.followUp(), () => nextTurn())
    if (problems.length === 0) return undefined
    const shown = usesOf(problems)
    const names = shown.slice(0, 5).map(({ kind, id }) => `${kind} ${id}`)
    const more = problems.length > names.length ? ` and ${problems.length - names.length} more` : ''
    return { kind: 'conflict', detail: `${detail}: ${names.join(', ')}${more}`, uses: shown, total: problems.length }
  }
}

function notGranted(ranges: readonly string[]): string {
  return `Ranges that are reachable although not public (network.allow) take a token for all accounts: ${ranges.join(', ')}`
}

function usesOf(problems: readonly Problem[]): readonly Use[] {
  return problems.slice(0, SHOWN_USES).map(({ kind, id, mistakes }) => ({
    kind,
    id,
    detail: mistakes
      .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
      .join('; '),
  }))
}

function invalid(mistakes: Parameters<typeof shownMistakes>[0]): Refused {
  return { kind: 'invalid', mistakes: shownMistakes(mistakes) }
}

function saidOf(kind: Kind, entry: Entry<unknown> | undefined): Said | undefined {
  if (entry?.stamp === undefined) return undefined
  return { kind, id: entry.id, text: entry.text, stamp: entry.stamp }
}
