/**
 * The one table of errors that the API answers, and how each becomes problem+json (RFC 9457). `type` is a URN, so that no
 * client needs a host to know it by; `detail` says where the mistake is and what would be right.
 * Used by everything in this folder; nothing else writes an error answer.
 */
import { SwitchhookError } from '../errors.ts'

/** The name of a problem, the last part of its `type`. */
export type ProblemName =
  | 'malformed-request'
  | 'malformed-body'
  | 'events-rejected'
  | 'unauthorized'
  | 'forbidden'
  | 'cross-site'
  | 'not-found'
  | 'method-not-allowed'
  | 'request-timeout'
  | 'conflict'
  | 'precondition-failed'
  | 'too-large'
  | 'target-too-long'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'misdirected'
  | 'invalid-request'
  | 'invalid-event'
  | 'unrenderable'
  | 'overloaded'
  | 'rate-limited'
  | 'headers-too-large'
  | 'internal'
  | 'unavailable'

/** Every problem. The title is the same for every occurrence (RFC 9457, 3.1.4). */
export const PROBLEMS: Readonly<Record<ProblemName, { readonly status: number; readonly title: string }>> = {
  'malformed-request': { status: 400, title: 'The request is not valid HTTP' },
  'malformed-body': { status: 400, title: 'The body cannot be read' },
  'events-rejected': { status: 400, title: 'No event was accepted' },
  unauthorized: { status: 401, title: 'A known token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'cross-site': { status: 403, title: 'Requests from other sites are refused' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The resource does not know this method' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The state does not allow this' },
  'precondition-failed': { status: 412, title: 'It is not as the request wants it' },
  'too-large': { status: 413, title: 'The request is too large' },
  'target-too-long': { status: 414, title: 'The request target is too long' },
  'unsupported-media-type': { status: 415, title: 'The body has a type that is not understood' },
  'expectation-failed': { status: 417, title: 'The expectation cannot be met' },
  misdirected: { status: 421, title: 'This server does not answer for that host' },
  'invalid-request': { status: 422, title: 'A value is not acceptable' },
  'invalid-event': { status: 422, title: 'The event is not acceptable' },
  unrenderable: { status: 422, title: 'What was rendered cannot be sent safely' },
  overloaded: { status: 429, title: 'No more is taken for now' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The header fields are too large' },
  internal: { status: 500, title: 'Something is broken here' },
  unavailable: { status: 503, title: 'The service cannot do this for now' },
}

/** One mistake among several, as `errors` lists them. */
export interface ProblemPart {
  /** Where: `type`, `data.from`, `query.limit`. */
  readonly path: string
  readonly detail: string
  /** Where in the text at `path`, from 1 (columns in UTF-16 units); absent where it is the value as a whole. */
  readonly line?: number
  readonly column?: number
}

/** One occurrence of a problem. */
export interface Problem {
  readonly kind: 'problem'
  readonly name: ProblemName
  /** For people: what is wrong here and what would be right. */
  readonly detail: string
  /** Further header fields of the answer, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Single mistakes, where there are several or where they have a path. */
  readonly errors?: readonly ProblemPart[]
}

/** Makes a {@link Problem}. */
export function problem(name: ProblemName, detail: string, more: Pick<Problem, 'headers' | 'errors'> = {}): Problem {
  return { kind: 'problem', name, detail, ...more }
}

/** The members of a problem as JSON text without the outer braces, so that extension members can follow. */
export function problemMembers(occurrence: Problem): string {
  const { status, title } = PROBLEMS[occurrence.name]
  const members = { type: `urn:switchhook:problem:${occurrence.name}`, title, status, detail: occurrence.detail }
  return JSON.stringify(occurrence.errors === undefined ? members : { ...members, errors: occurrence.errors }).slice(
    1,
    -1,
  )
}

/** Seconds for `retry-after`: whole ones, at least 1 (RFC 9110, 10.2.3). */
export function retryAfterSeconds(waitMs: number): string {
  return String(Math.max(1, Math.ceil(waitMs / 1000)))
}

/** The problem behind a {@link SwitchhookError}; undefined for anything else that was thrown: that is our own mistake. */
export function problemOfError(thrown: unknown): Problem | undefined {
  if (!(thrown instanceof SwitchhookError)) return undefined
  switch (thrown.code) {
    case 'not-found':
      return problem('not-found', thrown.message)
    case 'conflict':
      return problem('conflict', thrown.message)
    case 'full':
      return problem('overloaded', thrown.message, { headers: { 'retry-after': '1' } })
    case 'unavailable':
      return problem('unavailable', thrown.message, { headers: { 'retry-after': '1' } })
    case 'config':
    case 'usage':
      return problem('invalid-request', thrown.message)
    case 'internal':
      return undefined
  }
}
