/**
 * Templates, webhooks and bindings as programs manage them: what the API answers of each, and how they are listed, got, put and
 * deleted. Used by the client and by exports.
 */
import { read } from './answers.ts'
import { type ApiConnection, path } from './http.ts'
import { ProblemError } from './problem.ts'

/** What can be managed, as it stands in paths. */
export type ManagedKind = 'templates' | 'webhooks' | 'bindings'

/** A configuration as it stands in `switchhook.yaml`, as JSON. */
export type ManagedConfig = Readonly<Record<string, unknown>>

/** One template, webhook or binding. */
export interface ManagedEntry {
  readonly id: string
  /** Absent for templates. */
  readonly account?: string
  /** Where it comes from; `override`: from the API, in the place of the file's. */
  readonly origin: 'file' | 'api' | 'override'
  /** Whether events trigger it; of webhooks alone. */
  readonly active?: boolean
  /** For {@link ChangeCondition.ifMatch}. */
  readonly etag: string
  /** When it was changed over the API, as RFC 3339 text. */
  readonly changedAt?: string
  readonly revision?: number
  /** As written; `{ "hidden": true }` stands for each secret. */
  readonly config: ManagedConfig
  /** Why it can't be used; absent where it is. */
  readonly mistakes?: readonly { readonly path: string; readonly detail: string }[]
}

/** A page of them, in the order of their ids. */
export interface ManagedPage {
  readonly entries: readonly ManagedEntry[]
  /** Where the next page begins; null: there is none. */
  readonly next: string | null
}

/** Which are listed. */
export interface ManagedFilter {
  /** Default: all accounts of the token. */
  readonly account?: string
}

/** What must hold for a change to be made. */
export interface ChangeCondition {
  /** It is still as it was when it had this `etag`. */
  readonly ifMatch?: string
  /** There is none yet. */
  readonly isNew?: true
}

/** The sections beside the three lists. */
export interface ConfigSections {
  readonly revision: string
  readonly config: ManagedConfig
}

/** Manages entries of one kind; see the head of this file. */
export class ManagedEntries {
  readonly #connection: ApiConnection
  readonly #kind: ManagedKind

  constructor(connection: ApiConnection, kind: ManagedKind) {
    this.#connection = connection
    this.#kind = kind
  }

  /** All of them in the order of their ids, fetched a page at a time as they are asked for. */
  async *list(filter: ManagedFilter = {}, pageSize = 100): AsyncGenerator<ManagedEntry> {
    let cursor: string | null = null
    do {
      const page: ManagedPage = await this.page(filter, pageSize, cursor)
      yield* page.entries
      cursor = page.next
    } while (cursor !== null)
  }

  /** One page; `pageSize` from 1 to 1,000, `cursor` is `next` of the page before. */
  async page(filter: ManagedFilter = {}, pageSize = 100, cursor: string | null = null): Promise<ManagedPage> {
    const query = new URLSearchParams({ limit: String(pageSize), ...filter })
    if (cursor !== null) query.set('cursor', cursor)
    const answer = await this.#connection.ask({ method: 'GET', path: `v1/${this.#kind}?${query}` })
    const page = read<Record<ManagedKind, readonly ManagedEntry[]> & Pick<ManagedPage, 'next'>>(answer, {
      [this.#kind]: 'list',
    })
    return { entries: page[this.#kind], next: page.next ?? null }
  }

  /** Undefined where there is none, or the token does not see it. */
  async get(id: string): Promise<ManagedEntry | undefined> {
    try {
      return readEntry(await this.#connection.ask({ method: 'GET', path: this.#path(id) }))
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 404) return undefined
      throw error
    }
  }

  /** Puts a whole configuration in force, secrets included; resolves when it is, durably. */
  async put(id: string, config: object, { ifMatch, isNew }: ChangeCondition = {}): Promise<ManagedEntry> {
    const headers = {
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(isNew === undefined ? {} : { 'if-none-match': '*' }),
    }
    return readEntry(
      await this.#connection.ask({ method: 'PUT', path: this.#path(id), body: JSON.stringify(config), headers }),
    )
  }

  /** Takes away what the API has set; the file's, where it has one, is back in force. */
  async delete(id: string, { ifMatch }: Pick<ChangeCondition, 'ifMatch'> = {}): Promise<void> {
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch }
    await this.#connection.ask({ method: 'DELETE', path: this.#path(id), headers })
  }

  #path(id: string): string {
    return `v1/${this.#kind}/${path`${id}`}`
  }
}

function readEntry(answer: unknown): ManagedEntry {
  return read<ManagedEntry>(answer, { id: 'text', origin: 'text', etag: 'text', config: 'object' })
}
