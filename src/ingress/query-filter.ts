/**
 * Reads the query of a GET that filters: known names with one value each, an empty value counting as absent. All mistakes are
 * reported at once. Called by the routes of calls and of the stream.
 */
import { suggestion } from '../compile/near-miss.ts'
import { utf8Decoder } from './charset.ts'
import { readPairs } from './form.ts'
import { type Problem, type ProblemPart, problem } from './problems.ts'
import type { RouteContext } from './route.ts'

/** Most characters of a value: those of a subject. */
const VALUE_LENGTH = 1024

/** The values under `names` that are given. */
export function readFilter(
  query: string,
  names: readonly string[],
  { metrics, limits }: RouteContext,
): ReadonlyMap<string, string> | Problem {
  const decode = utf8Decoder((count) => metrics.replacedBytes(count))
  const read = readPairs(query, decode, limits.parameters)
  if (read.kind === 'refused') return problem('invalid-request', read.detail)
  const errors: ProblemPart[] = []
  const wrong = (name: string, detail: string): number => errors.push({ path: `query.${name}`, detail })
  const given = new Map<string, string>()
  for (const { name, value } of read.pairs) {
    if (!names.includes(name)) {
      const otherwise = `: one of ${names.join(', ')} is expected`
      wrong(name, `is not known${suggestion(name, names, (near) => near, otherwise)}`)
    } else if (given.has(name)) wrong(name, 'is given twice')
    else if (value.length > VALUE_LENGTH) wrong(name, `has more than ${VALUE_LENGTH} characters`)
    else if (value !== '') given.set(name, value)
  }
  return errors.length > 0 ? problem('invalid-request', 'The query is not acceptable', { errors }) : given
}
