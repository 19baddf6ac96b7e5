/**
 * What the engine wants to find again after a restart, in the outbox's notes: open circuits, activations by command, call
 * contexts. Each has one table; a note that can't be read any more is as good as none.
 */
import type { DataPoints } from '../../model/data.ts'
import { REASONS, type Reason } from '../../model/decision.ts'
import { parseOwnJson } from '../../model/own-json.ts'
import type { Notes } from '../../outbox/contract.ts'
import type { Circuit } from '../../policy/breaker.ts'

/** An open circuit with all that finds its place again. */
export interface RememberedCircuit {
  readonly endpoint: string
  readonly account: string
  readonly circuit: Circuit
}

/** A call's context and when it was used last. */
export interface RememberedContext {
  readonly points: DataPoints
  readonly usedAtMs: number
}

/** Who said so: a command, or the customer's server with 410 Gone. */
export type ActivationReason = 'command' | 'gone'

/** Whether a webhook was activated or deactivated, by whom and when. */
export interface Activation {
  readonly isActive: boolean
  readonly reason: ActivationReason
  /** Absent: an earlier version kept no times. */
  readonly sinceMs?: number
}

const CIRCUITS = 'circuits'
const ACTIVATIONS = 'activations'
const CONTEXTS = 'contexts'

/** See the head of this file. */
export class Remembered {
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** Keeps a circuit while it is not closed; forgets it then. */
  keepCircuit({ endpoint, account, circuit }: RememberedCircuit): void {
    const text = circuit.kind === 'closed' ? undefined : JSON.stringify({ endpoint, account, circuit })
    this.#notes.put(CIRCUITS, `${account}\n${endpoint}`, text)
  }

  *circuits(): Iterable<RememberedCircuit> {
    for (const note of this.#read(CIRCUITS)) {
      const { endpoint, account, circuit } = note.value
      const open = openCircuit(circuit)
      if (typeof endpoint === 'string' && typeof account === 'string' && open !== undefined) {
        yield { endpoint, account, circuit: open }
      }
    }
  }

  /** Keeps whether a webhook was activated or deactivated; resolves when that is durable. */
  async keepActivation(webhook: string, activation: Activation): Promise<void> {
    this.#notes.put(ACTIVATIONS, webhook, JSON.stringify(activation))
    await this.#notes.flush()
  }

  /** Instead of what could not be kept; undefined: nothing was before. Written behind. */
  takeBackActivation(webhook: string, before: Activation | undefined): void {
    this.#notes.put(ACTIVATIONS, webhook, before && JSON.stringify(before))
  }

  /** Forgets these; resolves when that is durable. */
  async forgetActivations(webhooks: readonly string[]): Promise<void> {
    for (const webhook of webhooks) this.#notes.put(ACTIVATIONS, webhook, undefined)
    if (webhooks.length > 0) await this.#notes.flush()
  }

  *activations(): Iterable<readonly [webhook: string, activation: Activation]> {
    for (const { key, value } of this.#read(ACTIVATIONS)) {
      const { isActive, reason, sinceMs } = value
      if (typeof isActive !== 'boolean') continue
      const known = { isActive, reason: reason === 'gone' ? reason : 'command' } as const
      yield [key, typeof sinceMs === 'number' ? { ...known, sinceMs } : known]
    }
  }

  /** Keeps a call's context under its key, its points as JSON text, its use to the second; undefined forgets it. */
  keepContext(key: string, context: { readonly text: string; readonly usedAtMs: number } | undefined): void {
    // V8 remembers the text of a number that comes often; up, so that nothing is forgotten before its time.
    const note = context && `{"points":${context.text},"usedAtMs":${Math.ceil(context.usedAtMs / 1000)}000}`
    this.#notes.put(CONTEXTS, key, note)
  }

  *contexts(): Iterable<readonly [key: string, context: RememberedContext]> {
    for (const { key, value } of this.#read(CONTEXTS)) {
      const { points, usedAtMs } = value
      if (typeof usedAtMs !== 'number' || !isRecord(points)) continue
      // Written by keepContext from data points, and checked above to be an object.
      yield [key, { points: points as DataPoints, usedAtMs }]
    }
  }

  *#read(table: string): Iterable<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }> {
    for (const [key, text] of this.#notes.all(table)) {
      const value = parse(text)
      if (value !== undefined) yield { key, value }
    }
  }
}

function openCircuit(value: unknown): Circuit | undefined {
  if (!isRecord(value)) return undefined
  const { sinceMs, lastProbeMs, askedWaitMs, reason } = value
  if (typeof sinceMs !== 'number' || typeof lastProbeMs !== 'number') return undefined
  // A probe that was under way when the process ended is lost: the circuit is open, and the next one is due in its time.
  const waitMs = typeof askedWaitMs === 'number' ? askedWaitMs : 0
  return { kind: 'open', sinceMs, lastProbeMs, askedWaitMs: waitMs, reason: isReason(reason) ? reason : '' }
}

function isReason(value: unknown): value is Reason {
  return REASONS.some((reason) => reason === value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseOwnJson(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
