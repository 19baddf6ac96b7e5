/**
 * Reads the query of a GET that filters: the values that its schema knows, an empty one counting as absent. All mistakes are
 * reported at once. Called by the routes of deliveries, calls and the stream.
 */

import { type Problem, type ProblemPart, problem } from '../problems.ts'
import type { RouteContext } from '../route.ts'
import { utf8Decoder } from './charset.ts'
import { type Fields, readFields } from './fields.ts'
import { readPairs } from './form.ts'

/** A query that was read. */
export interface Filter<Values> {
  readonly kind: 'filter'
  readonly values: Values
}

/** The values that are given. */
export function readFilter<Values>(
  query: string,
  schema: Fields<Values>,
  { metrics, limits }: Pick<RouteContext, 'metrics' | 'limits'>,
): Filter<Values> | Problem {
  const decode = utf8Decoder((count) => metrics.replacedBytes(count))
  const pairs = readPairs(query, decode, limits.parameters)
  if (pairs.kind === 'refused') return problem('invalid-request', pairs.detail)
  const read = readFields(
    schema,
    pairs.pairs.map(({ name, value }) => [name, value]),
  )
  return read.kind === 'read' ? { kind: 'filter', values: read.values } : refuseFilter(read.errors)
}

/** The problem of a query with mistakes; paths count from the query. */
export function refuseFilter(errors: readonly ProblemPart[]): Problem {
  const placed = errors.map((error) => ({ ...error, path: `query.${error.path}` }))
  return problem('invalid-request', 'The query is not acceptable', { errors: placed })
}
