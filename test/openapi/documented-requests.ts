/**
 * Requests made at random of the API's document: right ones, and such that are a little wrong.
 */
import fc from 'fast-check'
import { changed, type Schema, schemaIn, valuesOf } from '../schema/schema-values.ts'
import { DOCUMENT, DOCUMENTED, type DocumentedOperation, isTaken } from './api-document.ts'
import { type ApiRequest, type LiveEngine, TOKENS } from './live-engine.ts'

/** A request, and what the document says of it: that it is right, that it is wrong, or neither. */
export interface DocumentedRequest {
  readonly operation: DocumentedOperation
  readonly request: ApiRequest
  readonly says: 'right' | 'wrong' | 'nothing'
}

/** One of the parts that a request is made of. */
interface Part {
  readonly text: string
  readonly says: DocumentedRequest['says']
}

const FORM = 'application/x-www-form-urlencoded'
const WEBHOOKS = ['crm', 'down', 'held', 'action', 'message', 'variables', 'redirect', 'acme-crm', 'made-1', 'made-2']

/** Texts that mean something to the engine, which nobody would find by chance. */
const MEANINGFUL: Readonly<Record<string, readonly string[]>> = {
  webhook: WEBHOOKS,
  account: ['default', 'acme', 'nobody'],
  subject: ['call-1', 'call-2'],
  type: ['call.end', 'call.begin', 'call.ivr'],
  call: ['call-1', 'call-2'],
}

/** Requests to all operations alike. */
export function documentedRequests(engine: LiveEngine): fc.Arbitrary<DocumentedRequest> {
  return fc.oneof(...DOCUMENTED.map((operation) => requestsTo(operation, engine)))
}

function requestsTo(operation: DocumentedOperation, engine: LiveEngine): fc.Arbitrary<DocumentedRequest> {
  const token = fc.oneof(
    { weight: 8, arbitrary: fc.constant(TOKENS.all) },
    { weight: 2, arbitrary: fc.constantFrom<string>(TOKENS.acme, TOKENS.reader, 'unknown') },
  )
  const parts = fc.tuple(
    targetOf(operation, engine),
    bodyOf(operation, engine),
    queryOf(operation),
    fieldsOf(operation),
    token,
  )
  return parts.map(([target, { type, part, query: beside }, query, fields, secret]) => {
    const ownQuery = type === '' ? query : beside
    const says = [part.says, ownQuery.says, secret === TOKENS.all ? 'right' : 'nothing'] as const
    const headers = {
      ...fields,
      ...(type !== '' && { 'content-type': type }),
      ...(secret !== 'unknown' && { authorization: `Bearer ${secret}` }),
    }
    return {
      operation,
      request: { method: operation.method, target: target + ownQuery.text, headers, body: part.text },
      says: says.includes('nothing') ? 'nothing' : says.includes('wrong') ? 'wrong' : 'right',
    }
  })
}

function targetOf({ path }: DocumentedOperation, { deliveries }: LiveEngine): fc.Arbitrary<string> {
  const [, kind = ''] = /^\/v1\/(\w+)\/\{/.exec(path) ?? []
  const known: Readonly<Record<string, readonly string[]>> = {
    webhooks: WEBHOOKS,
    deliveries: [...deliveries, `${'0'.repeat(26)}-0`],
    calls: ['call-1', 'call-2'],
    templates: ['lead', 'made-1'],
    bindings: ['acme:campaign:Sales', 'made-1'],
  }
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...(known[kind] ?? ['x'])) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }) },
  )
  return id.map((text) => path.replace(/\{\w+\}/, encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E')))
}

/** A query; of operations with a body it stands beside the body, which says what may. */
function queryOf({ parameters }: DocumentedOperation): fc.Arbitrary<Part> {
  const known = parameters.filter((each) => each['in'] === 'query' && each['style'] === undefined)
  const single = known.map((parameter) => pairOf(parameter))
  const right = fc.tuple(...single.map((pair) => fc.option(pair, { freq: 2 }))).map((pairs): Part => {
    const given = pairs.filter((pair) => pair !== null)
    return {
      text: queryText(given.map(({ name, value }) => [name, value])),
      says: given.every(({ isRight }) => isRight) ? 'right' : 'nothing',
    }
  })
  const takesAnything = parameters.some((each) => each['style'] === 'form')
  const unknown = fc.constant<Part>({
    text: '?unheardOf=1',
    says: takesAnything || known.length === 0 ? 'nothing' : 'wrong',
  })
  return fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: unknown })
}

function pairOf(parameter: Schema): fc.Arbitrary<{ name: string; value: string; isRight: boolean }> {
  const name = String(parameter['name'])
  const schema = schemaIn(parameter['schema'])
  const right = valuesOf(schema, DOCUMENT).map((value) => ({
    name,
    value: String(value),
    isRight: value !== '' && name !== 'cursor',
  }))
  const meaningful = fc
    .constantFrom(...(MEANINGFUL[name] ?? ['1']))
    .map((value) => ({ name, value, isRight: name !== 'cursor' && isTaken(schema, value) }))
  const wrong = fc
    .constantFrom('-1', '1e9', 'x'.repeat(1100), '\u0000')
    .map((value) => ({ name, value, isRight: false }))
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 3, arbitrary: meaningful },
    { weight: 1, arbitrary: wrong },
  )
}

interface Body {
  readonly type: string
  readonly part: Part
  /** What stands beside it. */
  readonly query: Part
}

const BATCH: Schema = { $ref: '#/components/schemas/EventBatch' }

const NOTHING: Part = { text: '', says: 'right' }

function bodyOf(operation: DocumentedOperation, engine: LiveEngine): fc.Arbitrary<Body> {
  const { bodies, isBodyRequired, parameters } = operation
  if (bodies.length === 0) return fc.constant({ type: '', part: NOTHING, query: NOTHING })
  const takesAttributes = parameters.some((each) => each['name'] === 'type' && each['in'] === 'query')
  const forms = bodies.map(([type, media]) => bodyOfType(type, media, engine, takesAttributes))
  const none: Part = { text: '', says: isBodyRequired ? 'wrong' : 'nothing' }
  return fc.oneof(
    { weight: 10, arbitrary: fc.oneof(...forms) },
    {
      weight: 1,
      arbitrary: fc.constant({ type: 'text/csv', part: { text: 'a,b', says: 'wrong' as const }, query: NOTHING }),
    },
    { weight: 1, arbitrary: queryOf(operation).map((query) => ({ type: '', part: none, query })) },
  )
}

function bodyOfType(type: string, media: Schema, { origin }: LiveEngine, takesAttributes: boolean): fc.Arbitrary<Body> {
  const schema = schemaIn(media['schema'])
  // Data points bring their attributes in the query; an event has its own.
  const isPoints = takesAttributes && (type === FORM || type === 'application/json')
  const isLines = type === 'application/x-ndjson'
  const [envelope = schema] =
    isPoints && Array.isArray(schema['anyOf']) ? schema['anyOf'].map(schemaIn) : [isLines ? BATCH : schema]
  const examples = Object.values(schemaIn(media['examples'])).map((each) => schemaIn(each)['value'])
  const right = fc
    .oneof(
      valuesOf(envelope, DOCUMENT),
      ...examples.filter((each) => isTaken(envelope, each)).map((each) => fc.constant(each)),
    )
    .map((value) => inPlace(value, origin))
  const some = fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: right.chain(changed) })
  return fc.tuple(some, fc.boolean()).map(([value, isBeside]): Body => {
    // Of many events each is answered for itself.
    const wrong = Array.isArray(value) ? 'nothing' : 'wrong'
    const says = hasBlanks(value) ? 'nothing' : isTaken(envelope, value) ? 'right' : wrong
    const query: Part = isPoints && type === FORM ? { text: '?type=call.ivr', says: 'right' } : NOTHING
    const asForm = type === FORM
    // A form has texts alone, so that what JSON says of other kinds is nothing to go by.
    const part: Part = { text: asForm ? formText(value) : textOf(type, value), says: asForm ? 'nothing' : says }
    return isPoints && isBeside && !asForm
      ? { type, part: { ...part, says: 'nothing' }, query: { text: '?type=call.ivr', says: 'right' } }
      : { type, part, query }
  })
}

/** Servers that are here, names that are known: everything else would be asked of the network, or found by nobody. */
function inPlace(value: unknown, origin: string): unknown {
  const text = JSON.stringify(value, (key, member) => {
    if (typeof member !== 'string') return key === 'id' || key === 'tls' ? undefined : member
    if (key === 'url') return `${origin}/empty`
    if (key === 'template') return 'lead'
    return key === 'account' && member !== '' ? 'acme' : member
  })
  return text === undefined ? value : JSON.parse(text)
}

function fieldsOf({ parameters }: DocumentedOperation): fc.Arbitrary<Record<string, string>> {
  const names = new Set(parameters.filter((each) => each['in'] === 'header').map(({ name }) => String(name)))
  const known = { prefer: ['wait=1', 'wait=x'], traceparent: ['x'], 'if-none-match': ['"x"'], accept: [FORM, '*/*'] }
  const some = Object.entries(known).filter(([name]) => names.has(name) || name === 'accept')
  const fields = some.map(([name, values]) =>
    fc.option(fc.constantFrom(...values).map((value) => [name, value] as const)),
  )
  return fc.tuple(...fields).map((given) => Object.fromEntries(given.filter((each) => each !== null)))
}

/** Empty values count as absent to those who read them, which no schema says. */
function hasBlanks(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === '' || value === null
  return Object.values(value).some(hasBlanks)
}

function textOf(type: string, value: unknown): string {
  if (type !== 'application/x-ndjson') return JSON.stringify(value)
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).join('\n') : JSON.stringify(value)
}

function formText(value: unknown): string {
  return new URLSearchParams(
    Object.entries(schemaIn(value)).map(([name, each]): [string, string] => [name, String(each)]),
  ).toString()
}

function queryText(pairs: readonly [string, string][]): string {
  return pairs.length === 0 ? '' : `?${new URLSearchParams([...pairs])}`
}
