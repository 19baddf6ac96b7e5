/**
 * Applies batches of changes to the tables, one change after the other in their order, inside a transaction that the store
 * opens and commits.
 */

import type { Tables } from '../files/tables.ts'
import { type ChangeOutcome, OUTCOMES } from '../protocol.ts'
import { type Change, decodeChanges } from '../records/changes.ts'
import type { LateIndex } from './late-index.ts'
import { writeNote } from './notes-table.ts'
import type { Found, StateMachine } from './state-machine.ts'
import type { Tallies } from './tallies.ts'

/** What the changes of a batch came to. */
export interface Applied {
  /** Indexes into {@link OUTCOMES}. */
  readonly outcomes: Uint8Array
  /** Accepted events with deliveries that wait for an earlier one of their call: which. */
  readonly blocked: readonly { readonly change: number; readonly indexes: readonly number[] }[]
  /** Deliveries of ordered calls that settlements let go. */
  readonly released: readonly Found[]
}

/** What one change came to. */
interface AppliedChange {
  readonly outcome: ChangeOutcome
  readonly blockedIndexes?: readonly number[]
  readonly released?: Found
}

/** See the head of this file. */
export class BatchApplier {
  readonly #tables: Tables
  readonly #tallies: Tallies
  readonly #machine: StateMachine
  readonly #index: LateIndex

  constructor(tables: Tables, tallies: Tallies, machine: StateMachine, index: LateIndex) {
    this.#tables = tables
    this.#tallies = tallies
    this.#machine = machine
    this.#index = index
  }

  /** Without room events are refused. */
  apply(batch: Uint8Array, hasRoom: boolean): Applied {
    const outcomes: number[] = []
    const blocked: { readonly change: number; readonly indexes: readonly number[] }[] = []
    const all: Found[] = []
    for (const change of decodeChanges(batch)) {
      const { outcome, blockedIndexes, released } = this.#applyOne(change, hasRoom)
      if (blockedIndexes !== undefined) blocked.push({ change: outcomes.length, indexes: blockedIndexes })
      if (released !== undefined) all.push(released)
      outcomes.push(OUTCOMES.indexOf(outcome))
    }
    // What room there is belongs to settlements; without new events nothing needs to be marked.
    if (hasRoom) this.#index.writeSome()
    return { outcomes: Uint8Array.from(outcomes), blocked, released: all }
  }

  #applyOne(change: Change, hasRoom: boolean): AppliedChange {
    switch (change.kind) {
      case 'webhook':
        this.#tallies.define(change.number, change.id)
        return { outcome: 'done' }
      case 'note':
        writeNote(this.#tables.notes, change.table, change.key, change.text)
        return { outcome: 'done' }
      case 'accept': {
        if (!hasRoom) return { outcome: 'no-room' }
        const result = this.#machine.accept(change)
        if (result.kind === 'duplicate' || result.blocked.length === 0) return { outcome: result.kind }
        return { outcome: 'accepted', blockedIndexes: result.blocked }
      }
      case 'settle': {
        const { isPending, next } = this.#machine.settle(change)
        const outcome = isPending ? 'pending' : 'ended'
        return next === undefined ? { outcome } : { outcome, released: next }
      }
    }
  }
}
