/**
 * What each app of a next action takes (dialogtech-ivr-webhook, "Responding to DialogTech's WebHook", both tables and their
 * footnotes), as data. The rows stand in the order in which a decision lists its parameters.
 * Read by `next-action.ts` only; `user_parameters` and `p_t`, which every app may carry, are read there.
 */
import type { ActionApp } from '../model/decision.ts'

/** How a parameter's text is read: ids, names and phrases stay text, counts and flags are whole numbers in a range. */
export type ParameterType =
  | { readonly kind: 'text' }
  /** Phone numbers with `|` between them. */
  | { readonly kind: 'phone-list' }
  /** Both ends belong to the range; without `max` it has no upper end. */
  | { readonly kind: 'integer'; readonly min: number; readonly max?: number }

/** One row of the document's table. */
export interface ParameterRow {
  readonly name: string
  readonly type: ParameterType
  /** The action is invalid without it. */
  readonly required?: true
  /** What the document says is meant where the answer has none. */
  readonly default?: number
  /** An earlier row of the app; where the answer has that one, this one is not even looked at. */
  readonly ignoredBeside?: string
}

const TEXT: ParameterType = { kind: 'text' }

/** The parameters of every app. */
export const ACTION_PARAMETERS: Readonly<Record<ActionApp, readonly ParameterRow[]>> = {
  ivr: [
    { name: 'id', type: TEXT, required: true },
    { name: 'question_id', type: TEXT },
  ],
  findme: [
    { name: 'id', type: TEXT },
    { name: 'phone_list', type: { kind: 'phone-list' }, ignoredBeside: 'id' },
    { name: 'simultaneous', type: { kind: 'integer', min: 1 } },
    { name: 'record', type: { kind: 'integer', min: 0, max: 1 } },
    { name: 'screen_method', type: { kind: 'integer', min: 0, max: 2 }, default: 0 },
    { name: 'whisper_phrase', type: TEXT },
    { name: 'whisper_audio', type: TEXT },
    { name: 'auto_accept', type: { kind: 'integer', min: 0, max: 3 } },
    { name: 'timeout', type: { kind: 'integer', min: 20, max: 60 }, default: 30 },
    { name: 'nextaction', type: { kind: 'integer', min: 1, max: 7 }, default: 1 },
    { name: 'nextactionitem', type: TEXT },
  ],
  vr: [{ name: 'id', type: TEXT, required: true }],
  voicemail: [{ name: 'id', type: TEXT, required: true }],
  hangup: [],
  transfer: [{ name: 'destination', type: TEXT, required: true }],
}

/** What `nextactionitem` must name, by `nextaction`; the others (1, 3, 7) need none (second table). */
export const NEXT_ACTION_ITEMS: ReadonlyMap<number, string> = new Map([
  [2, 'voicemail'],
  [4, 'virtual receptionist'],
  [5, 'findme'],
  [6, 'IVR'],
])
