/**
 * Makes a {@link CallEvent} of CloudEvents attributes and data points, however they came in. Here is every rule about an
 * attribute: its type, length and characters, and what stands in where it is missing.
 * Called by the readers of each input form; pure but for made-up ids.
 */
import { randomUUID } from 'node:crypto'
import type { DataPoints } from '../../model/data.ts'
import { ACCOUNT_LENGTH, type CallEvent } from '../../model/event.ts'
import { continuedTraceparent } from '../../tracing/trace-context.ts'

/** Attributes as they came, unchecked; undefined and null are absent. */
export interface RawAttributes {
  readonly id?: unknown
  readonly source?: unknown
  readonly type?: unknown
  readonly subject?: unknown
  readonly time?: unknown
  readonly account?: unknown
  readonly specversion?: unknown
  readonly traceparent?: unknown
}

/** What the route knows beside the event itself. */
export interface EventRules {
  /** The account of an event that names `given` or none; `refused` tells why it may not. */
  readonly accountFor: (given: string | undefined) => string | { readonly refused: string }
  /** The type of an event that names none; undefined: it must name one. */
  readonly defaultType: string | undefined
  /** The request's `traceparent` field, for events that carry none of their own. */
  readonly traceparent: string | undefined
}

/** Why an event is refused. `malformed`: it can't be read at all; `account`: the caller may not send for that account. */
export interface Refusal {
  readonly kind: 'refused'
  readonly cause: 'malformed' | 'invalid' | 'account'
  /** Where: `type`, `data.from`; empty for the event as a whole. */
  readonly path: string
  /** One sentence without a final stop. */
  readonly detail: string
  /** The event's type where it could be read, else empty; for the metric. */
  readonly type: string
}

/** An event, or why there is none. */
export type EventResult = { readonly kind: 'event'; readonly event: CallEvent } | Refusal

/** Names that CloudEvents or this API give a meaning at the top of an event or in a query. */
export const ATTRIBUTE_NAMES = ['type', 'subject', 'account', 'id', 'source', 'time'] as const

/** Most characters of `id`, `source` and `subject`: they are kept as keys of duplicates and contexts. */
export const KEY_LENGTH = 1024

/** Most characters of `type`. */
export const TYPE_LENGTH = 255

/** `source` of an event that names none (contract, section 6). */
const DEFAULT_SOURCE = '/'

/** Control characters, which the CloudEvents type String excludes (CloudEvents 1.0.2, "Type System"). */
const CONTROL = /\p{Cc}/u

/** Refuses an event as a whole or at a path. */
export function refuse(cause: Refusal['cause'], path: string, detail: string, type = ''): Refusal {
  return { kind: 'refused', cause, path, detail, type }
}

/** Checks every attribute and makes the event; the first mistake refuses it. `dataText`: see `CallEvent`. */
export function makeEvent(raw: RawAttributes, data: DataPoints, rules: EventRules, dataText?: string): EventResult {
  if (isGiven(raw.specversion) && raw.specversion !== '1.0') {
    return refuse('invalid', 'specversion', 'specversion must be "1.0", or left out')
  }
  const type = readText('type', raw.type, TYPE_LENGTH) ?? rules.defaultType
  if (typeof type === 'object') return type
  if (type === undefined)
    return refuse('invalid', 'type', 'type is missing: name the kind of event, call.end for example')
  const id = readText('id', raw.id, KEY_LENGTH)
  if (typeof id === 'object') return { ...id, type }
  const source = readText('source', raw.source, KEY_LENGTH) ?? DEFAULT_SOURCE
  if (typeof source === 'object') return { ...source, type }
  const subject = readText('subject', raw.subject, KEY_LENGTH) ?? ''
  if (typeof subject === 'object') return { ...subject, type }
  const time = readTime(raw.time)
  if (typeof time === 'object') return { ...time, type }
  const given = readText('account', raw.account, ACCOUNT_LENGTH)
  if (typeof given === 'object') return { ...given, type }
  const account = rules.accountFor(given)
  if (typeof account === 'object') return refuse('account', 'account', account.refused, type)
  return {
    kind: 'event',
    event: {
      id: id ?? randomUUID(),
      hasOwnId: id !== undefined,
      source,
      type,
      subject,
      account,
      time,
      traceparent: readTraceparent(raw.traceparent) ?? readTraceparent(rules.traceparent) ?? '',
      data,
      dataText,
    },
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function readText(name: string, value: unknown, limit: number): string | undefined | Refusal {
  if (!isGiven(value)) return undefined
  if (typeof value !== 'string') return refuse('invalid', name, `${name} must be text in double quotes`)
  if (value.length < 1 || value.length > limit) {
    return refuse('invalid', name, `${name} must have 1 to ${limit} characters; it has ${value.length}`)
  }
  if (CONTROL.test(value) || !value.isWellFormed()) {
    return refuse('invalid', name, `${name} must not hold control characters or half surrogates`)
  }
  return value
}

function readTraceparent(value: unknown): string | undefined {
  // A bad one is dropped and a new trace begins (W3C Trace Context, 4.3): tracing never costs an event.
  return typeof value === 'string' ? continuedTraceparent(value) : undefined
}

/** The shape of `time`: RFC 3339, section 5.6. */
export const TIME_PATTERN: RegExp =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,30})?(?:[Zz]|[+-](\d\d):(\d\d))$/

function readTime(value: unknown): string | Refusal {
  if (!isGiven(value)) return ''
  const parts = typeof value === 'string' ? TIME_PATTERN.exec(value) : null
  if (parts !== null && isCalendarTime(parts.slice(1).map((part) => Number(part ?? 0)))) return parts[0]
  return refuse('invalid', 'time', 'time must be an RFC 3339 timestamp such as 2019-03-28T00:05:00Z')
}

/** RFC 3339, 5.7: ranges of each field; 60 seconds are a leap second. */
function isCalendarTime([
  year = 0,
  month = 0,
  day = 0,
  hour = 0,
  minute = 0,
  second = 0,
  zoneHour = 0,
  zoneMinute = 0,
]: readonly number[]): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return day <= daysInMonth && hour <= 23 && minute <= 59 && second <= 60 && zoneHour <= 23 && zoneMinute <= 59
}
