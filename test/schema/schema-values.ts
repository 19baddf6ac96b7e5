/**
 * Values that a JSON Schema takes, at random: for tests that a schema and the code behind it agree. Knows the keywords that the
 * schemas of this project have; what it makes is checked against the schema by those who use it.
 */
import fc from 'fast-check'

/** A JSON Schema, or a document that holds some. */
export interface Schema {
  readonly [keyword: string]: unknown
}

/** Longest lists, and most keys beside those that are described. */
const MOST_MEMBERS = 3

/** Texts without control characters, which is the one pattern that `fc.stringMatching` does not know. */
const PRINTABLE = '^\\P{Cc}*$'

/** Values that `schema` takes; references are looked up in `root`. */
export function valuesOf(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  const { examples } = schema
  const made = madeOf(schema, root)
  return Array.isArray(examples) ? fc.oneof(fc.constantFrom(...examples), made) : made
}

function madeOf(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  const { $ref: reference } = schema
  if (typeof reference === 'string') {
    const target = lookUp(reference, root)
    // What refers to itself is any JSON.
    return JSON.stringify(target).includes(`"${reference}"`) ? fc.jsonValue({ maxDepth: 2 }) : valuesOf(target, root)
  }
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum'])
  const forms = schemasIn(schema['oneOf'] ?? schema['anyOf'])
  if (forms.length > 0 && forms.every((form) => Object.keys(form).join() === 'required')) {
    return fc.oneof(...forms.map((form) => objectOf(narrowed(schema, form, forms), root)))
  }
  if (forms.length > 0) return fc.oneof(...forms.map((form) => valuesOf(form, root)))
  const types = [schema['type']].flat()
  return fc.oneof(...types.map((type) => ofType(type, schema, root)))
}

function ofType(type: unknown, schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: numberOf(schema['minimum'], -1000), max: numberOf(schema['maximum'], 1000) })
    case 'number':
      return fc.double({ min: numberOf(schema['minimum'], -1e6), max: numberOf(schema['maximum'], 1e6), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schemaIn(schema['items']), root), {
        minLength: numberOf(schema['minItems'], 0),
        maxLength: Math.max(MOST_MEMBERS, numberOf(schema['minItems'], 0)),
      })
    case 'object':
      return objectOf(schema, root)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function textOf({ pattern, minLength, maxLength, format }: Schema): fc.Arbitrary<string> {
  const length = { minLength: numberOf(minLength, 0), maxLength: Math.min(40, numberOf(maxLength, 40)) }
  if (format === 'base64') return fc.base64String({ maxLength: 40 })
  if (pattern === PRINTABLE)
    return fc.string({ ...length, unit: fc.constantFrom('a', 'Z', '7', ' ', '-', 'é', '/', '%') })
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  return fc.string({ ...length, unit: 'grapheme-ascii' })
}

function objectOf(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  const required = textsIn(schema['required'])
  const known = Object.entries(schemaIn(schema['properties'])).map(
    ([name, each]) => [name, valuesOf(schemaIn(each), root)] as const,
  )
  const record = fc.record(Object.fromEntries(known), {
    requiredKeys: required.filter((name) => known.some(([key]) => key === name)),
  })
  const { additionalProperties } = schema
  if (additionalProperties === undefined || additionalProperties === false) return record
  const names = textOf(schemaIn(schema['propertyNames']))
  const others = fc.dictionary(names, valuesOf(schemaIn(additionalProperties), root), { maxKeys: MOST_MEMBERS })
  return fc.tuple(others, record).map(([other, own]) => ({ ...other, ...own }))
}

/** An object schema with the keys that one form requires, and without those that only other forms do. */
function narrowed(schema: Schema, form: Schema, forms: readonly Schema[]): Schema {
  const own = textsIn(form['required'])
  const others = forms.flatMap((each) => textsIn(each['required'])).filter((name) => !own.includes(name))
  const isExclusive = 'oneOf' in schema
  const properties = Object.entries(schemaIn(schema['properties'])).filter(
    ([name]) => !isExclusive || !others.includes(name),
  )
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    required: [...textsIn(schema['required']), ...own],
  }
}

/** The schema at `#/a/b`. */
export function lookUp(reference: string, root: Schema): Schema {
  let at: unknown = root
  for (const step of reference.slice('#/'.length).split('/')) {
    at = schemaIn(at)[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  if (at === undefined) throw new Error(`nothing is at ${reference}`)
  return schemaIn(at)
}

/** The value as a schema; an empty one where it is none. */
export function schemaIn(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function schemasIn(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.map(schemaIn) : []
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

/** The same value with one change somewhere in it: a key gone or added, a value of another kind. */
export function changed(value: unknown): fc.Arbitrary<unknown> {
  const paths = pathsIn(value, [])
  const other = fc.constantFrom<unknown>(5, -1, 0.5, true, 'x', '', [], ['x'], {}, { x: 1 }, null)
  return fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom('drop', 'add', 'replace'), other)
    .map(([path, how, by]) => {
      const copy: unknown = structuredClone(value)
      const last = path.at(-1)
      const holder = path.slice(0, -1).reduce(memberOf, copy)
      if (last === undefined || typeof holder !== 'object' || holder === null) return how === 'replace' ? by : copy
      if (how === 'replace') Reflect.set(holder, last, by)
      else if (how === 'drop' && Array.isArray(holder)) holder.splice(Number(last), 1)
      else if (how === 'drop') Reflect.deleteProperty(holder, last)
      else Reflect.set(holder, Array.isArray(holder) ? holder.length : 'unheardOf', by)
      return copy
    })
}

function memberOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function pathsIn(value: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const members: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...members.flatMap(([key, member]) => pathsIn(member, [...path, key]))]
}
