/**
 * An event: what a switch told us about a call. Parsed once at the ingress, never changed.
 * Members follow CloudEvents 1.0 (`id`, `source`, `type`, `subject`, `time`) with the extension `account`.
 */
import type { DataPoints } from './data.ts'

/** Most characters of an account's name, which is one line of any text. */
export const ACCOUNT_LENGTH = 200

/** One call event, as accepted. */
export interface CallEvent {
  /** CloudEvents `id`; with `source` and `account` it tells duplicates. Made up where the sender gave none. */
  readonly id: string
  /** False where `id` was made up: such an event is never a duplicate. */
  readonly hasOwnId: boolean
  /** CloudEvents `source`; `/` where the sender gave none. */
  readonly source: string
  /** For example `call.begin`, `call.end`, `transcription.completed`. */
  readonly type: string
  /** The call's id; call context is kept under it. Empty where the sender gave none: such an event has no context. */
  readonly subject: string
  /** Whose webhooks count; `default` where the sender gave none. */
  readonly account: string
  /** CloudEvents `time` as it came (RFC 3339); empty where the sender gave none. */
  readonly time: string
  /** W3C `traceparent` of the sender, or empty. */
  readonly traceparent: string
  readonly data: DataPoints
  /** JSON text that means the same as `data`, as the sender wrote it; absent where there is none. Read it by {@link textOfData}. */
  readonly dataText?: string | undefined
}

/** An event's data points as JSON text, for `parseOwnJson` alone to read. */
export function textOfData({ data, dataText }: CallEvent): string {
  return dataText ?? JSON.stringify(data)
}

/** The account of an event that names none. */
export const DEFAULT_ACCOUNT = 'default'
