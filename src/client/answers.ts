/**
 * What an engine is sent and what it answers, as the API writes it: times are RFC 3339 text. Members that a later engine adds
 * are simply there; nothing here is checked beyond what {@link read} looks at.
 */
import type { OutcomeResult, Phases } from '../model/attempt.ts'
import type { DataPoints } from '../model/data.ts'
import type { Reason } from '../model/decision.ts'
import type { DeadReason, DeliveryState, HoldReason } from '../model/delivery.ts'
import type { HttpMethod } from '../model/request-spec.ts'
import { memberOf, ProblemError } from './problem.ts'

/** An event to send or to invoke with. */
export interface EventInput {
  /** `call.begin`, `call.end`, `transcription.completed` …; an invoke without one is `call.ivr`. */
  readonly type?: string
  /** With `source` it tells duplicates within 24 h; made up where it is missing, and then never a duplicate. */
  readonly id?: string
  /** Default `/`. */
  readonly source?: string
  /** The call's id. */
  readonly subject?: string
  /** Default: the one of the token, else `default`. */
  readonly account?: string
  /** RFC 3339. */
  readonly time?: string
  readonly data?: DataPoints
}

/** What became of the events of one request; `index` counts them from 0. */
export interface SendAnswer {
  readonly accepted: readonly { readonly index: number; readonly id: string; readonly deliveries: number }[]
  readonly duplicates: readonly { readonly index: number; readonly id: string }[]
  readonly rejected: readonly { readonly index: number; readonly detail: string; readonly retryable?: boolean }[]
}

/** A request as a webhook would be sent it. */
export interface RenderAnswer {
  readonly method: HttpMethod
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** One attempt of a delivery. */
export interface Attempt {
  readonly time: string
  /** From 1. */
  readonly attempt: number
  readonly durationMs: number
  readonly result: OutcomeResult
  /** HTTP status, or 0 where none came. */
  readonly status: number
  /** Absent on success, as is `error`, which says it in words. */
  readonly reason?: Reason
  readonly error?: string
  /** First 1 KiB of the answer. */
  readonly answer: string
  readonly phases: Phases
}

/** A delivery with its attempts. */
export interface Delivery {
  readonly id: string
  readonly webhook: string
  readonly account: string
  readonly event: { readonly id: string; readonly source: string; readonly type: string; readonly subject: string }
  readonly state: DeliveryState
  readonly acceptedAt: string
  /** Absent unless pending. */
  readonly dueAt?: string
  /** Absent while pending. */
  readonly endedAt?: string
  /** Absent unless dead. */
  readonly reason?: DeadReason
  /** Present where it could go out but for this. */
  readonly held?: { readonly reason: HoldReason; readonly until?: string }
  /** The latest ones, oldest first. */
  readonly attempts: readonly Attempt[]
}

/** Which deliveries are listed; all of them where nothing is said. */
export interface DeliveryFilter {
  readonly webhook?: string
  readonly state?: DeliveryState
  /** Id of their event. */
  readonly event?: string
  /** Id of their call. */
  readonly subject?: string
}

/** A page of deliveries, newest first; `next` is the cursor of the page after it, null on the last one. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[]
  readonly next: string | null
}

/** What a replay sends again. */
export interface ReplayOrder {
  /** RFC 3339, or how long ago it was (`2h`); default: from the first. Needed for `delivered`. */
  readonly since?: string
  /** As `since`; default now. */
  readonly until?: string
  /** Default `dead`. */
  readonly state?: Exclude<DeliveryState, 'pending'>
}

/** What a purge removes. */
export interface PurgeOrder {
  readonly state: Exclude<DeliveryState, 'pending'>
  /** Ended before: RFC 3339, or how long ago it was (`7d`). */
  readonly before: string
  /** Default: of all webhooks. */
  readonly webhook?: string
}

/** Whose data is erased: of a call, or of a telephone number. */
export type EraseOrder = ({ readonly call: string } | { readonly number: string }) & {
  /** Default: of all accounts that the token is for. */
  readonly account?: string
  /** True: only counts. */
  readonly dryRun?: boolean
}

/** How much was erased. */
export interface EraseSums {
  readonly events: number
  readonly deliveries: number
  /** How many of the deliveries were pending. */
  readonly pending: number
}

/** Whether traffic should come. */
export interface Readiness {
  readonly isReady: boolean
  readonly checks: readonly { readonly name: string; readonly ready: boolean }[]
}

/** What an answer must have to be taken for one: its members, by the name of what each has to be. */
export type Shape = Readonly<Record<string, 'text' | 'number' | 'list' | 'object'>>

const IS_KIND: Readonly<Record<Shape[string], (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null,
}

/** Whether a value has the members of an answer: something else than an engine may have answered. */
export function hasShape(value: unknown, shape: Shape): boolean {
  return Object.entries(shape).every(([name, kind]) => IS_KIND[kind](memberOf(value, name)))
}

/** An answer with the members of `shape`; throws {@link ProblemError} for one that no engine gives. */
export function read<Answer>(value: unknown, shape: Shape): Answer {
  if (typeof value === 'object' && value !== null && hasShape(value, shape)) return value as Answer
  const missing = Object.keys(shape).filter((name) => memberOf(value, name) === undefined)
  const detail = `It has no usable ${missing.length === 0 ? 'members' : missing.join(', ')}; does an engine listen there?`
  const title = 'The answer is not one of Switchhook'
  throw new ProblemError({ status: 200, type: 'about:blank', title, detail, errors: [] }, value, undefined)
}
