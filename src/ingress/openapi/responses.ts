/**
 * Refusals as the API's document tells them: those of an operation itself, and those that every one can meet before it is known
 * what is asked. Answers with the same problems are described once. Invariant: statuses and types are those of `problems.ts`.
 */
import { PROBLEMS, type ProblemName } from '../problems.ts'
import { problemNames, problemType } from './data-schemas.ts'
import type { Operation } from './operation.ts'

/** Before any route is known (`request-head.ts`, `origin-guard.ts`, `server.ts`). */
const OF_ALL: readonly ProblemName[] = [
  'malformed-request',
  'cross-site',
  'request-timeout',
  'target-too-long',
  'expectation-failed',
  'misdirected',
  'headers-too-large',
  'internal',
  'unavailable',
]

/** Where a token is needed. */
const OF_TOKENS: readonly ProblemName[] = ['unauthorized', 'forbidden', 'rate-limited']

/** Where a body may come. */
const OF_BODIES: readonly ProblemName[] = ['too-large', 'unsupported-media-type']

/** Where the path names something; ids that are too long are never found. */
const OF_TARGETS: readonly ProblemName[] = ['not-found']

/** Header fields of refusals, by status. */
const FIELDS: Readonly<Record<number, Readonly<Record<string, object>>>> = {
  401: { 'www-authenticate': field('What to authenticate with', 'Bearer realm="switchhook"') },
  429: { 'retry-after': field('Seconds to wait', '1') },
  503: { 'retry-after': field('Seconds to wait', '1') },
}

/** All problems that an operation can answer, by status. */
export function problemsOf({
  right,
  method,
  target,
  problems,
}: Operation): ReadonlyMap<number, readonly ProblemName[]> {
  const own = new Set([
    ...problems,
    ...OF_ALL,
    ...(right === 'open' ? [] : OF_TOKENS),
    ...(method === 'GET' ? [] : OF_BODIES),
    ...(target === undefined ? [] : OF_TARGETS),
  ])
  const names = problemNames().filter((name) => own.has(name))
  return Map.groupBy(names, (name) => PROBLEMS[name].status)
}

/** `ForbiddenOrCrossSite`. */
export function responseName(names: readonly ProblemName[]): string {
  const parts = names.map((name) => name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
  return parts.map((words) => words.join('')).join('Or')
}

/** One response, whose body has the JSON Schema `schema`; without a body for HEAD. */
export function problemResponse(names: readonly ProblemName[], schema: object | undefined): object {
  const description = names.map((name) => PROBLEMS[name].title).join('; or: ')
  const [{ status } = { status: 0 }] = names.map((name) => PROBLEMS[name])
  const headers = FIELDS[status]
  const examples = names.map((name) => [name, { summary: PROBLEMS[name].title, value: exampleOf(name) }])
  return {
    description,
    ...(headers !== undefined && { headers }),
    ...(schema !== undefined && {
      content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
    }),
  }
}

function exampleOf(name: ProblemName): object {
  const { status, title } = PROBLEMS[name]
  const common = { type: problemType(name), title, status, detail: DETAILS[name] ?? title }
  const errors = ERRORS[name]
  return errors === undefined ? common : { ...common, errors }
}

/** Details as they may read. */
const DETAILS: Readonly<Partial<Record<ProblemName, string>>> = {
  'malformed-body': 'Line 1, column 12: a comma or } is expected',
  'events-rejected': 'type is missing: name the kind of event, call.end for example',
  forbidden: 'The token switch-1 lacks the right manage; it has send, invoke',
  'not-found': 'There is no webhook "crm"',
  conflict: 'crm is being replayed already',
  'too-large': 'The body may have up to 1048576 bytes',
  'invalid-request': 'The query is not acceptable',
  'invalid-event': 'type must be text in double quotes',
  overloaded: 'The outbox is full: 1000000 deliveries wait for https://crm.example.com',
  'rate-limited': 'The token switch-1 has used up its rate',
  unavailable: 'The service is stopping',
}

const ERRORS: Readonly<Partial<Record<ProblemName, readonly object[]>>> = {
  'invalid-request': [{ path: 'query.limit', detail: 'must be a whole number from 1 to 1000' }],
  'invalid-event': [{ path: 'type', detail: 'type must be text in double quotes' }],
}

function field(description: string, example: string): object {
  return { description, schema: { type: 'string' }, example }
}
