/**
 * Answers as values: every route returns one, and the server writes it. No route but a stream touches the response itself, so that
 * security headers, metrics and shutdown are handled in one place.
 */
import type { ServerResponse } from 'node:http'
import { PROBLEMS, type Problem, problemMembers } from '../problems.ts'

/** An answer ready to be written. */
export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  /** Text, or bytes that were encoded elsewhere. */
  readonly body: string | Uint8Array
  /** Further header fields, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer with a body that goes on until its client or the service ends it. */
export interface StreamAnswer {
  readonly status: 200
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Called once, when the head is written; it must notice by itself when the response is closed, or is closed already. */
  readonly stream: (response: ServerResponse) => void
}

/** A route's answer; `gone` where the client has closed its connection and nobody reads it. */
export type RouteAnswer = HttpAnswer | StreamAnswer | 'gone'

/**
 * What every answer carries: API answers are not for caches, nor for a browser to guess about, to show as a page or in a
 * frame, or to hand to a page of another site. There is no CORS: no answer ever allows another origin.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** An answer of JSON. */
export function jsonAnswer(status: number, value: unknown, headers?: Readonly<Record<string, string>>): HttpAnswer {
  const answer = { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) }
  return headers === undefined ? answer : { ...answer, headers }
}

/** What every answer carries, and this one; its body is told of where there is one. */
export function headersOf(answer: HttpAnswer | StreamAnswer): Record<string, string> {
  const headers: Record<string, string> = { ...SECURITY_HEADERS, ...answer.headers }
  if (answer.status === 204 || answer.status === 304) return headers
  headers['content-type'] = answer.contentType
  if ('body' in answer) headers['content-length'] = String(Buffer.byteLength(answer.body))
  return headers
}

/** A problem as an answer; `extension` is JSON text of further members (`"accepted":[]`). */
export function problemAnswer(occurrence: Problem, extension = ''): HttpAnswer {
  const members = problemMembers(occurrence)
  const answer = {
    status: PROBLEMS[occurrence.name].status,
    contentType: 'application/problem+json; charset=utf-8',
    body: extension === '' ? `{${members}}` : `{${members},${extension}}`,
  }
  return occurrence.headers === undefined ? answer : { ...answer, headers: occurrence.headers }
}
