/**
 * An entry: a template, webhook or binding as the file or the API has it, with what was read of it. Immutable; what changes is
 * which entry is in force under an id.
 */
import type { Kind, Layer } from '../config/kinds.ts'
import type { Mistake } from '../profiles/mistake.ts'

/** When the API changed an entry. */
export interface Stamp {
  /** Grows with every change of any entry. */
  readonly revision: number
  readonly atMs: number
}

/** See the head of this file. */
export interface Entry<Item> {
  readonly id: string
  readonly layer: Layer
  /** As it was written, as JSON text; see `config/written.ts`. */
  readonly text: string
  /** What it means; undefined: it can't be used as the rest is now, by reason of {@link mistakes}. */
  readonly item: Item | undefined
  readonly mistakes: readonly Mistake[]
  /** Whose it is; empty for templates. */
  readonly account: string
  /** The template that it names; empty: none. */
  readonly template: string
  /** Present where it came over the API. */
  readonly stamp?: Stamp
}

/** What the API may say of one, before it is read. */
export interface Said {
  readonly kind: Kind
  readonly id: string
  readonly text: string
  readonly stamp: Stamp
}

/** Why an entry can't stay as it is, or does not stand. */
export interface Problem {
  readonly kind: Kind
  readonly id: string
  readonly account: string
  readonly layer: Layer
  readonly mistakes: readonly Mistake[]
}

/** The members of an entry as it was written. */
export function membersOf(text: string): Readonly<Record<string, unknown>> {
  // Made by `writtenText`, always of a mapping.
  return JSON.parse(text)
}
