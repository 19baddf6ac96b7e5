/**
 * Arbitraries of requests to the API: good ones, nearly good ones, and hostile ones. Used by the fuzzing of the whole API.
 */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ROUTES } from './api-routes.ts'

const strange = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '__proto__',
      'constructor',
      '..',
      '%2e%2e',
      '%00',
      '%zz',
      '%',
      '/',
      '\\',
      '"',
      "'",
      '<',
      '&',
      '=',
      '\u0000',
      '\r\n',
    ],
    ...[
      '\ud800',
      '💥',
      'é',
      'null',
      'NaN',
      '-1',
      '1e999',
      '9007199254740993',
      '{}',
      '[]',
      'true',
      'x'.repeat(300),
      '0',
    ],
  ),
  fc.string({ maxLength: 12, unit: 'binary' }),
)
const name = fc.constantFrom(
  'type',
  'subject',
  'account',
  'id',
  'source',
  'time',
  'data',
  'data_base64',
  'ani',
  'a.b',
  'a',
  'specversion',
  'state',
  'limit',
  'cursor',
  'webhook',
  'event',
  'since',
  'until',
  'before',
  'call',
  'number',
  'dryRun',
  '__proto__',
)
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    'call.end',
    'call.ivr',
    'acme',
    'default',
    'crm',
    'dead',
    'delivered',
    '2019-03-28T00:05:00Z',
    '1.0',
    'e30=',
    1,
    true,
    null,
    '5551234567',
  ),
  strange,
  fc.jsonValue({ maxDepth: 3 }),
)
const good = fc.record(
  {
    type: fc.constantFrom('call.end', 'call.begin'),
    subject: fc.constantFrom('c1', 'c2', '5551234567'),
    account: fc.constantFrom('default', 'acme'),
    time: fc.constant('2019-03-28T00:05:00Z'),
    data: fc.dictionary(fc.oneof(name, strange), value, { maxKeys: 5 }),
  },
  { requiredKeys: ['type'] },
)
const strangeEvent = fc.dictionary(name, value, { maxKeys: 6 }).map((members) => ({ type: 'call.end', ...members }))
const event = fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: strangeEvent })

/** Cuts, doubles or replaces a piece of a text: what was nearly right is what finds mistakes. */
export const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(), fc.nat(12), fc.constantFrom('keep', 'keep', 'keep', 'cut', 'double', 'replace'), strange)
    .map(([whole, where, length, how, piece]) => {
      const at = where % (whole.length + 1)
      const [before, middle, after] = [whole.slice(0, at), whole.slice(at, at + length), whole.slice(at + length)]
      if (how === 'keep') return whole
      if (how === 'cut') return before + after
      return how === 'double' ? before + middle + middle + after : before + piece + after
    })

const form = fc
  .array(fc.tuple(name, value), { maxLength: 8 })
  .map((pairs) =>
    pairs
      .map(
        ([key, each]) =>
          `${key}=${encodeURIComponent((typeof each === 'string' ? each : JSON.stringify(each)).toWellFormed())}`,
      )
      .join('&'),
  )
const body = fc
  .oneof(
    mutated(event.map((each) => JSON.stringify(each))),
    mutated(fc.array(event, { maxLength: 4 }).map((each) => JSON.stringify(each))),
    mutated(fc.array(event, { maxLength: 4 }).map((each) => each.map((line) => JSON.stringify(line)).join('\n'))),
    mutated(form),
    strange,
  )
  .map((text) => Buffer.from(text))
const anyBody = fc.oneof(
  { weight: 8, arbitrary: body },
  { weight: 1, arbitrary: body.map((bytes) => gzipSync(bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) },
)

const field = fc.oneof(
  fc.tuple(
    fc.constant('content-type'),
    fc.constantFrom(
      'application/json',
      'application/x-ndjson',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16le',
      'application/json;charset=x',
      'text/xml',
      ';',
      'application/json; charset="',
    ),
  ),
  fc.tuple(fc.constant('content-encoding'), fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'gzip, gzip', 'x')),
  fc.tuple(
    fc.constantFrom('accept', 'prefer', 'traceparent', 'origin', 'host', 'expect', 'x'),
    fc.constantFrom(
      '*/*',
      'application/x-www-form-urlencoded',
      'wait=1',
      'wait=0',
      'localhost',
      'evil.example',
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'x',
      '100-continue',
    ),
  ),
  fc.tuple(
    fc.constantFrom('ce-type', 'ce-id', 'ce-source', 'ce-subject', 'ce-time', 'ce-account', 'ce-specversion'),
    fc.constantFrom('call.end', '1.0', '"a\\"b"', '%E2%82%AC', '%', 'acme', '\u00ff'),
  ),
)
/** What bodies mostly are. */
const goodType = fc.constantFrom(
  'application/json',
  'application/json',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
)
/** Most have a token that may do everything, so that they get past the door. */
const authorization = fc.oneof(
  { weight: 12, arbitrary: fc.constant('Bearer all-secret') },
  { weight: 3, arbitrary: fc.constant('Bearer acme-secret') },
  { weight: 1, arbitrary: fc.constantFrom('Basic OmFsbC1zZWNyZXQ=', 'Basic !', 'Bearer', 'Digest x', '') },
)

const path = fc
  .tuple(
    fc.constantFrom(...ROUTES),
    fc.oneof(fc.constantFrom('crm', 'ask', 'ivr', 'acme-crm', 'nope'), strange),
    fc.option(mutated(form)),
  )
  .map(
    ([route, id, query]) =>
      route.path.replace(/\{(?:id|subject)\}/, encodeURIComponent(id.toWellFormed())) +
      (query === null ? '' : `?${query}`),
  )
/** A whole request. Empty texts stand for what the route says. */
export interface Call {
  readonly route: (typeof ROUTES)[number]
  readonly method: string
  readonly id: string
  readonly query: string
  /** Instead of the route's path. */
  readonly path: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly authorization: string
  readonly body: Buffer
}

/** Requests of every kind. */
export const call: fc.Arbitrary<Call> = fc.record({
  route: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...ROUTES) },
    { weight: 1, arbitrary: fc.constantFrom(...ROUTES.filter(({ path }) => path === '/v1/events')) },
  ),
  method: fc.oneof(
    { weight: 8, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE') },
  ),
  id: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('crm', 'ask', 'ivr', 'acme-crm') },
    { weight: 1, arbitrary: strange },
  ),
  query: fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: mutated(form).map((text) => `?${text}`) },
  ),
  path: fc.oneof({ weight: 12, arbitrary: fc.constant('') }, { weight: 1, arbitrary: path }),
  fields: fc.oneof(
    { weight: 3, arbitrary: goodType.map((type): [string, string][] => [['content-type', type]]) },
    { weight: 1, arbitrary: fc.array(field, { maxLength: 4 }) },
  ),
  authorization,
  body: anyBody,
})
/** Node's client sends no control characters and nothing beyond Latin-1 in a target. */
export function targetOf({ route, id, query, path: other }: Call): string {
  const target = other || route.path.replace(/\{(?:id|subject)\}/, encodeURIComponent(id.toWellFormed())) + query
  return target.replaceAll(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character.toWellFormed()))
}
