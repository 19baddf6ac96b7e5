/**
 * Tells how a request carries its event or events, and reads them: CloudEvents in structured, binary and batch mode,
 * NDJSON, and attributes in the query with data points in a JSON object, a form or further query parameters.
 * Called by the routes that take events; what the bytes are is decided by header fields and query alone.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { type DataPoints, isDataObject, NO_DATA } from '../../model/data.ts'
import { type Charset, readCharset, utf8Decoder } from '../body/charset.ts'
import { type Pair, pairsToData, readPairs } from '../body/form.ts'
import { parseJson } from '../body/json-text.ts'
import { isJson, type MediaType, readContentType } from '../body/media-type.ts'
import type { IngressLimits } from '../limits.ts'
import { type Problem, problem } from '../problems.ts'
import { attributesOfHeaders, hasAttributeHeaders } from './binary-mode.ts'
import {
  ATTRIBUTE_NAMES,
  type EventResult,
  type EventRules,
  makeEvent,
  type RawAttributes,
  type Refusal,
  refuse,
} from './event-attributes.ts'
import { readStructured } from './structured-event.ts'

/** What the body is. `points-…` hold data points alone; their attributes stand in the query or in header fields. */
export type BodyForm = 'structured' | 'json' | 'batch' | 'ndjson' | 'points-json' | 'points-form' | 'points-none'

/** How one request carries its event or events. */
export interface Carriage {
  readonly kind: 'carriage'
  readonly form: BodyForm
  /** From query or header fields; empty for forms that carry their own. */
  readonly attributes: RawAttributes
  /** The body's, as `content-type` names it. */
  readonly charset: Charset
}

/** What a request says about its body before the body is read. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders
  /** Query without the question mark; empty where there is none. */
  readonly query: string
}

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const NDJSON = ['application/x-ndjson', 'application/ndjson']
const FORM = 'application/x-www-form-urlencoded'
const ACCEPTED_TYPES = [STRUCTURED, BATCH, NDJSON[0], 'application/json', FORM].join(', ')

/** Reads what header fields and query say. `onReplaced` gets the number of bytes that are not valid in their charset. */
export function readCarriage(
  head: RequestHead,
  limits: IngressLimits,
  onReplaced: (count: number) => void,
): Carriage | Problem {
  const { headers } = head
  const media = readContentType(headers['content-type'])
  const charset = readCharset(media.charset, onReplaced)
  if (charset === undefined) return unsupported('The charset is not known; send UTF-8')
  const query = readQueryAttributes(head.query, limits, onReplaced)
  if (query.kind === 'problem') return query
  const isBinary = hasAttributeHeaders(headers)
  const form = bodyForm(media, isBinary || query.isGiven, hasBody(headers))
  if (form === undefined) return unsupported(`Send one of ${ACCEPTED_TYPES}`)
  if (query.isGiven && (isBinary || !form.startsWith('points-'))) {
    return problem('invalid-request', 'The event carries its own attributes; leave the query out', {
      errors: [{ path: 'query', detail: 'attributes in the query go with a body of data points alone' }],
    })
  }
  const attributes =
    isBinary && form.startsWith('points-') ? attributesOfHeaders(headers, utf8Decoder(onReplaced)) : query.attributes
  return { kind: 'carriage', form, attributes, charset }
}

/** Reads the one event that a body holds. */
export function readSingle(body: Buffer, carriage: Carriage, rules: EventRules, limits: IngressLimits): EventResult {
  const reading = { bounds: limits.json, decode: carriage.charset.decode }
  switch (carriage.form) {
    case 'structured':
    case 'json':
    case 'batch':
    case 'ndjson':
      return readStructured(carriage.charset.decode(body), rules, reading)
    case 'points-none':
    case 'points-json':
    case 'points-form': {
      const data = readPoints(body, carriage, limits)
      return data.kind === 'refused' ? data : makeEvent(carriage.attributes, data.data, rules)
    }
  }
}

/** Reads the event of an invoke by GET: every parameter that is no attribute is a data point. */
export function readQueryEvent(
  query: string,
  rules: EventRules,
  limits: IngressLimits,
  onReplaced: (count: number) => void,
): EventResult {
  const read = readPairs(query, utf8Decoder(onReplaced), limits.parameters)
  if (read.kind === 'refused') return refuse('invalid', 'query', read.detail)
  const attributes = attributesOf(read.pairs)
  if (attributes.kind === 'refused') return attributes
  const data = pairsToData(
    read.pairs.filter(({ name }) => !isAttribute(name)),
    limits.json.depth,
  )
  if (data.kind === 'refused') return refuse('invalid', `data.${data.path}`, data.detail)
  return makeEvent(attributes.attributes, data.data, rules)
}

type ReadPoints = { readonly kind: 'data'; readonly data: DataPoints } | Refusal

function readPoints(body: Buffer, carriage: Carriage, limits: IngressLimits): ReadPoints {
  if (body.length === 0) return { kind: 'data', data: NO_DATA }
  if (carriage.form === 'points-form') return readFormPoints(body, carriage, limits)
  const json = parseJson(carriage.charset.decode(body), limits.json)
  if (json.kind === 'malformed') return refuse('malformed', 'data', json.detail)
  if (json.kind === 'beyond-bounds') return refuse('invalid', 'data', json.detail)
  return isDataObject(json.value)
    ? { kind: 'data', data: json.value }
    : refuse('invalid', 'data', 'the body must be a JSON object of data points')
}

function readFormPoints(body: Buffer, carriage: Carriage, limits: IngressLimits): ReadPoints {
  const text = body.toString('latin1')
  // What `curl -d` sends unless told otherwise; taken as a form it would be one parameter with a senseless name.
  if (text.startsWith('{')) {
    return refuse(
      'malformed',
      'data',
      'the body looks like JSON but is sent as a form; set content-type to application/json',
    )
  }
  const read = readPairs(text, carriage.charset.decode, limits.parameters)
  if (read.kind === 'refused') return refuse('invalid', 'data', read.detail)
  const data = pairsToData(read.pairs, limits.json.depth)
  return data.kind === 'refused' ? refuse('invalid', `data.${data.path}`, data.detail) : data
}

function bodyForm({ essence }: MediaType, hasAttributes: boolean, isBodyGiven: boolean): BodyForm | undefined {
  if (essence === STRUCTURED) return 'structured'
  if (essence === BATCH) return 'batch'
  if (NDJSON.includes(essence)) return 'ndjson'
  if (essence.startsWith('application/cloudevents')) return undefined
  if (essence === FORM) return 'points-form'
  if (isJson(essence)) return hasAttributes ? 'points-json' : 'json'
  return essence === '' && !isBodyGiven ? 'points-none' : undefined
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

type QueryAttributes =
  | { readonly kind: 'attributes'; readonly attributes: RawAttributes; readonly isGiven: boolean }
  | Problem

function readQueryAttributes(
  query: string,
  limits: IngressLimits,
  onReplaced: (count: number) => void,
): QueryAttributes {
  if (query === '') return { kind: 'attributes', attributes: {}, isGiven: false }
  const read = readPairs(query, utf8Decoder(onReplaced), limits.parameters)
  if (read.kind === 'refused') return problem('invalid-request', read.detail)
  const errors = read.pairs
    .filter(({ name }) => !isAttribute(name))
    .map(({ name }) => ({
      path: `query.${name}`,
      detail: `not one of ${ATTRIBUTE_NAMES.join(', ')}; data points go into the body`,
    }))
  if (errors.length > 0)
    return problem('invalid-request', 'The query holds parameters that mean nothing here', { errors })
  const attributes = attributesOf(read.pairs)
  if (attributes.kind === 'attributes') return { ...attributes, isGiven: read.pairs.length > 0 }
  return problem('invalid-request', 'The query is not acceptable', {
    errors: [{ path: attributes.path, detail: attributes.detail }],
  })
}

/** The attributes among parameters; an empty one counts as absent, since scripts leave them so. */
function attributesOf(
  pairs: readonly Pair[],
): { readonly kind: 'attributes'; readonly attributes: RawAttributes } | Refusal {
  const found = new Map<string, string>()
  for (const { name, value } of pairs) {
    if (!isAttribute(name)) continue
    if (found.has(name)) return refuse('invalid', `query.${name}`, `${name} is given more than once`)
    found.set(name, value)
  }
  const read = (name: (typeof ATTRIBUTE_NAMES)[number]): string | undefined => {
    const value = found.get(name) || undefined
    // A copy: as a part of the query, which it is to V8, it would keep all of that in memory for as long as it is kept.
    return value === undefined ? undefined : Buffer.from(value).toString()
  }
  return {
    kind: 'attributes',
    attributes: {
      id: read('id'),
      source: read('source'),
      type: read('type'),
      subject: read('subject'),
      time: read('time'),
      account: read('account'),
    },
  }
}

const ATTRIBUTE_NAME_SET: ReadonlySet<string> = new Set(ATTRIBUTE_NAMES)

function isAttribute(name: string): boolean {
  return ATTRIBUTE_NAME_SET.has(name)
}

function unsupported(detail: string): Problem {
  return problem('unsupported-media-type', detail, { headers: { accept: ACCEPTED_TYPES } })
}
