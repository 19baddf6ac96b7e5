/**
 * Parameters of a query or a form body (`application/x-www-form-urlencoded`), for switches whose scripts build no JSON.
 * Dotted names nest (`from.number=444`), numbered parts from 0 on make an array, a repeated name makes an array; all values
 * are text. Called by the event readers.
 */
import type { DataPoints, DataValue } from '../../model/data.ts'
import type { DecodeText } from './charset.ts'

const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20
const NO_DIGIT = -1

/** One parameter, decoded. */
export interface Pair {
  readonly name: string
  readonly value: string
}

/** Parameters, or why there are none. */
export type PairsResult =
  | { readonly kind: 'pairs'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'refused'; readonly detail: string }

/** Data points made of parameters, or why they can't be; `path` is the parameter's name. */
export type DataResult =
  | { readonly kind: 'data'; readonly data: DataPoints }
  | { readonly kind: 'refused'; readonly path: string; readonly detail: string }

/** Splits and decodes; `latin1` holds one character a byte, `decode` knows their charset. At most `limit` parameters. */
export function readPairs(latin1: string, decode: DecodeText, limit: number): PairsResult {
  const pairs: Pair[] = []
  const tooMany = { kind: 'refused', detail: `there are more than ${limit} parameters` } as const
  // Empty ones mean nothing, but what stands behind many of them does: it must not be cut off without a word.
  const parts = latin1.split('&', limit + 2)
  if (parts.length === limit + 2) return tooMany
  for (const part of parts) {
    if (part === '') continue
    if (pairs.length === limit) return tooMany
    const equals = part.indexOf('=')
    pairs.push({
      name: decodeComponent(equals === -1 ? part : part.slice(0, equals), decode),
      value: equals === -1 ? '' : decodeComponent(part.slice(equals + 1), decode),
    })
  }
  return { kind: 'pairs', pairs }
}

/** Percent-decodes text of one character a byte. A percent sign without two hexadecimal digits stands for itself. */
export function percentDecode(latin1: string, decode: DecodeText): string {
  return unescaped(latin1, PLUS, decode)
}

/** Builds data points, at most `depthLimit` levels deep. */
export function pairsToData(pairs: readonly Pair[], depthLimit: number): DataResult {
  const root: Branch = new Map()
  for (const { name, value } of pairs) {
    const detail = place(root, segmentsOf(name), value, depthLimit)
    if (detail !== undefined) return { kind: 'refused', path: name, detail }
  }
  return { kind: 'data', data: toObject(root) }
}

/** A name with parts; an inner map, because names come from outside and may be `__proto__`. */
type Branch = Map<string, Branch | string | string[]>

/** An empty part (`a..b`, `.a`, `a.`) means that the dots belong to the name. */
function segmentsOf(name: string): readonly string[] {
  if (!name.includes('.')) return [name]
  const segments = name.split('.')
  return segments.includes('') ? [name] : segments
}

function place(root: Branch, segments: readonly string[], value: string, depthLimit: number): string | undefined {
  if (segments.length > depthLimit) return `the name has more than ${depthLimit} parts`
  let branch = root
  for (const segment of segments.slice(0, -1)) {
    const next = branch.get(segment) ?? new Map()
    if (!(next instanceof Map)) return `${segment} is given both as a value and with parts`
    branch.set(segment, next)
    branch = next
  }
  const last = segments.at(-1) ?? ''
  const present = branch.get(last)
  if (present instanceof Map) return `${last} is given both as a value and with parts`
  if (present === undefined) branch.set(last, value)
  else if (typeof present === 'string') branch.set(last, [present, value])
  else present.push(value)
  return undefined
}

function toObject(branch: Branch): DataPoints {
  return Object.fromEntries(Array.from(branch, ([name, child]) => [name, toValue(child)]))
}

function toValue(child: Branch | string | string[]): DataValue {
  if (!(child instanceof Map)) return child
  const members: DataValue[] = []
  for (let index = 0; index < child.size; index += 1) {
    const member = child.get(String(index))
    if (member === undefined) return toObject(child)
    members.push(toValue(member))
  }
  return members
}

function decodeComponent(text: string, decode: DecodeText): string {
  // Most values are plain: nothing to decode and nothing to allocate.
  if (/^[\w.~!*'()/:@,;-]*$/.test(text)) return text
  return unescaped(text, SPACE, decode)
}

/** `plus` is the byte that a plus sign stands for. */
function unescaped(latin1: string, plus: number, decode: DecodeText): string {
  const bytes = Buffer.from(latin1, 'latin1')
  const first = latin1.search(/[%+]/)
  if (first === -1) return decode(bytes)
  // In place: nothing becomes longer.
  let length = first
  for (let at = first; at < bytes.length; at += 1) {
    let byte = bytes[at] ?? 0
    if (byte === PLUS) {
      byte = plus
    } else if (byte === PERCENT) {
      const high = digitOf(bytes[at + 1] ?? 0)
      const low = digitOf(bytes[at + 2] ?? 0)
      if (high !== NO_DIGIT && low !== NO_DIGIT) {
        byte = 16 * high + low
        at += 2
      }
    }
    bytes[length] = byte
    length += 1
  }
  return decode(bytes, 0, length)
}

/** The value of a hexadecimal digit. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NO_DIGIT
}
