/**
 * A decision: what a live call shall do next, made of a customer's answer, or `backup` with the reason why there is none.
 * The members and their names are part of the API (they are sent to carriers as JSON).
 */
import type { DataValue } from './data.ts'

/** Why there is no usable answer. Closed list: carriers switch on it. */
export const REASONS = [
  'connect-timeout',
  'response-timeout',
  'connection',
  'tls',
  'dns',
  'address-refused',
  'status',
  'response-too-large',
  'invalid-response',
  'circuit-open',
  'inactive',
  'overloaded',
  'invalid-request',
  'cancelled',
  'internal',
] as const

/** One of {@link REASONS}. */
export type Reason = (typeof REASONS)[number]

/** Applications that a next action can name (DialogTech IVR webhook, "Responding to DialogTech's WebHook"). */
export const ACTION_APPS = ['ivr', 'findme', 'vr', 'voicemail', 'hangup', 'transfer'] as const

/** One of {@link ACTION_APPS}. */
export type ActionApp = (typeof ACTION_APPS)[number]

/** A typed parameter of a next action: ids as strings, counts and flags as numbers, `phone_list` as an array. */
export type ActionValue = string | number | readonly string[]

/** A variable that a VCC Live answer sets. */
export type VariableValue = string | number | boolean

/** What the call does next. */
export type Decision =
  | { readonly kind: 'speak'; readonly text: string }
  | {
      readonly kind: 'next-action'
      readonly app: ActionApp
      readonly parameters: Readonly<Record<string, ActionValue>>
      /** `<user_parameters>`, by name, where the answer has any. */
      readonly userParameters?: Readonly<Record<string, string>>
      /** The text of `<p_t>`, unchanged; absent where the answer has none. */
      readonly passThrough?: string
      /** `passThrough` as an object, where it parses as `key|value||key|value`. */
      readonly passThroughValues?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'set-variables'; readonly variables: Readonly<Record<string, VariableValue>> }
  /** `ivr` is a GUID in the spelling of the answer. */
  | { readonly kind: 'redirect'; readonly ivr: string }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'continue' }
  | BackupDecision

/** No usable answer: the carrier takes its backup routing. */
export interface BackupDecision {
  readonly kind: 'backup'
  readonly reason: Reason
  /** One line that a support engineer understands: `findme: timeout 61 is not between 20 and 60`. */
  readonly detail: string
  /** The webhook's `backup` object, given back as configured. */
  readonly backup?: DataValue
}

/** Builds a `backup` decision; the engine adds the webhook's `backup` object. */
export function backup(reason: Reason, detail: string): BackupDecision {
  return { kind: 'backup', reason, detail }
}
