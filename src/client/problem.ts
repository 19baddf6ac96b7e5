/**
 * What can go wrong between a program and an engine, as three errors: the engine answered a problem (RFC 9457), nobody
 * answered, or what is asked for can't be put into a request. Thrown by everything in this folder; nothing else is thrown
 * here on purpose.
 */

/** One mistake among several. */
export interface ProblemPart {
  /** Where: `type`, `data.from`, `query.limit`. */
  readonly path: string
  readonly detail: string
  /** Where in the text at `path`, from 1 (columns in UTF-16 units); absent where it is the value as a whole. */
  readonly line?: number
  readonly column?: number
}

/** A problem as the engine answers it. */
export interface Problem {
  /** HTTP status. */
  readonly status: number
  /** A URN to switch on: `urn:switchhook:problem:not-found`; `about:blank` where what answered is no engine. */
  readonly type: string
  /** The same for every occurrence of the type. */
  readonly title: string
  /** For people: what is wrong here and what would be right; empty where nothing is told. */
  readonly detail: string
  /** Single mistakes; empty where there is only one. */
  readonly errors: readonly ProblemPart[]
}

/** The engine, or something before it, has refused. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem
  /** Milliseconds to wait before the same can be asked again (`Retry-After`); undefined: asking again is of no use. */
  readonly retryAfterMs: number | undefined
  /** The whole answer as JSON, with members beside those of a problem; undefined where it is not JSON. */
  readonly answer: unknown

  constructor(problem: Problem, answer: unknown, retryAfterMs: number | undefined) {
    super([problem.title, problem.detail].filter((text) => text !== '').join(': '))
    this.problem = problem
    this.answer = answer
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer came, or not a whole one; whether the request was carried out is not known. `cause` is what was thrown. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  /** Where nobody answers. */
  readonly url: string

  constructor(url: string, cause: unknown) {
    super(`nobody answers at ${url}: ${innermostMessage(cause)}`, { cause })
    this.url = url
  }
}

/** What was asked for can't be put into a request, and nothing was sent. Its message holds no token and no password. */
export class RequestError extends TypeError {
  override readonly name = 'RequestError'
}

/** Makes a problem of an answer's status and body, whatever the body is. */
export function problemOf(status: number, statusText: string, answer: unknown): Problem {
  const type = textMember(answer, 'type')
  const title = textMember(answer, 'title')
  return {
    status,
    type: type === '' ? 'about:blank' : type,
    title: title === '' ? statusText || `HTTP status ${status}` : title,
    detail: textMember(answer, 'detail'),
    errors: partsOf(memberOf(answer, 'errors')),
  }
}

/** A member of whatever JSON came; undefined where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  // An object of JSON: any name may stand in it, and what it holds stays unknown.
  return (value as Readonly<Record<string, unknown>>)[name]
}

function textMember(value: unknown, name: string): string {
  const member = memberOf(value, name)
  return typeof member === 'string' ? member : ''
}

function partsOf(errors: unknown): readonly ProblemPart[] {
  if (!Array.isArray(errors)) return []
  return errors.map((each: unknown) => {
    const part = { path: textMember(each, 'path'), detail: textMember(each, 'detail') }
    const line = memberOf(each, 'line')
    const column = memberOf(each, 'column')
    return typeof line === 'number' && typeof column === 'number' ? { ...part, line, column } : part
  })
}

/** `fetch` only says that it failed; why stands in the cause. */
function innermostMessage(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  if (thrown.cause !== undefined) return innermostMessage(thrown.cause)
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermostMessage(thrown.errors[0])
  return thrown.message
}
