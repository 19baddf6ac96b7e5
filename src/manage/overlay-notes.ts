/**
 * The overlay on disk: what the API has said, in the outbox's notes, since these are kept by every back end. One note an entry,
 * as JSON text; beside them the last revision, and the key of etags. Invariant: what is kept is durable before anybody is told.
 */
import { randomBytes } from 'node:crypto'
import { KINDS } from '../config/kinds.ts'
import type { Notes } from '../outbox/contract.ts'
import type { Said, Stamp } from './entry.ts'

const ENTRIES = 'overlay'
const STATE = 'overlay-state'

/** A note up to the configuration, which is its last member: what comes over the API is kept once, not twice. */
const HEAD = /^\{"revision":(\d{1,15}),"atMs":(\d{1,15}),"config":\{/

/** See the head of this file. Main thread only. */
export class OverlayNotes {
  readonly #notes: Notes
  #revision = 0

  constructor(notes: Notes) {
    this.#notes = notes
    const revision = Number(this.#state('revision') ?? 0)
    this.#revision = Number.isSafeInteger(revision) ? revision : 0
    for (const { stamp } of this.all()) this.#revision = Math.max(this.#revision, stamp.revision)
  }

  /** All entries. */
  *all(): Iterable<Said> {
    for (const [key, note] of this.#notes.all(ENTRIES)) {
      const said = read(key, note)
      if (said !== undefined) yield said
    }
  }

  /** Notes that are none of ours, or damaged, by their keys. */
  *unreadable(): Iterable<string> {
    for (const [key, note] of this.#notes.all(ENTRIES)) if (read(key, note) === undefined) yield key
  }

  /** What keyed digests are made with: told to nobody, the same for as long as the overlay is. */
  etagKey(): Buffer {
    const known = this.#state('etagKey')
    if (known !== undefined) return Buffer.from(known, 'base64url')
    const key = randomBytes(32)
    this.#notes.put(STATE, 'etagKey', key.toString('base64url'))
    return key
  }

  /** The stamp of the next change. */
  next(atMs: number): Stamp {
    return { revision: this.#revision + 1, atMs }
  }

  /**
   * Keeps what the API says under an id in the place of `before`; undefined: nothing. Resolves when that is durable, and rejects
   * where it could not be written: then it is as it was.
   */
  async keep(
    { kind, id }: Pick<Said, 'kind' | 'id'>,
    before: Kept | undefined,
    after: Kept | undefined,
  ): Promise<void> {
    const key = `${kind}:${id}`
    this.#revision += 1
    this.#notes.put(STATE, 'revision', String(this.#revision))
    this.#notes.put(ENTRIES, key, noteOf(after))
    try {
      await this.#notes.flush()
    } catch (error) {
      this.#notes.put(ENTRIES, key, noteOf(before))
      throw error
    }
  }

  #state(name: string): string | undefined {
    for (const [key, text] of this.#notes.all(STATE)) if (key === name) return text
    return undefined
  }
}

/** What a note says. */
type Kept = Pick<Said, 'text' | 'stamp'>

function noteOf(kept: Kept | undefined): string | undefined {
  if (kept === undefined) return undefined
  const { text, stamp } = kept
  return `{"revision":${stamp.revision},"atMs":${stamp.atMs},"config":${text}}`
}

function read(key: string, note: string): Said | undefined {
  const colon = key.indexOf(':')
  const kind = KINDS.find((each) => each === key.slice(0, colon))
  const head = HEAD.exec(note)
  if (kind === undefined || head === null || !isJson(note)) return undefined
  // A part of the note's own text, which takes no memory of its own.
  const text = note.slice(head[0].length - 1, -1)
  return { kind, id: key.slice(colon + 1), text, stamp: { revision: Number(head[1]), atMs: Number(head[2]) } }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
