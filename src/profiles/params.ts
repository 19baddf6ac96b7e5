/**
 * Parameter maps: how `params` is read and what requests are made of it. Parameters keep the order in which they were
 * written, names like `10` too. Used by every profile.
 */
import { z } from 'zod'
import type { BodySpec, HttpMethod, Param, ParamGroup, ParamValue } from '../model/request-spec.ts'
import { entriesOf } from './entries.ts'
import { handRead } from './hand-read.ts'
import { expectedMessage, unknownKeyIssue } from './mistake.ts'

type Path = readonly PropertyKey[]
type Context = Pick<z.core.$RefinementCtx, 'addIssue'>

/** Reads `params`: `name: data point`, `name: { value: text }`, or a list of `{ name, from }` and `{ name, value }`. */
export function paramsField(): z.ZodType<readonly Param[]> {
  return handRead(paramForms)
    .transform((input, context) => (Array.isArray(input) ? readList(input, context) : readMapping(input, context)))
    .prefault({})
}

function paramForms(): readonly z.ZodType[] {
  const point = z.string().min(1)
  const value = z.union([z.string(), z.number(), z.boolean()])
  const name = z.union([z.string(), z.number()])
  return [
    z.record(z.string(), z.union([point, z.strictObject({ value })])),
    z.array(z.union([z.strictObject({ name, from: point }), z.strictObject({ name, value })])),
  ]
}

function readMapping(input: unknown, context: Context): readonly Param[] {
  const entries = entriesOf(input)
  if (entries === undefined) refuse(context, [], expectedMessage('a mapping of names to data points', input))
  return (entries ?? []).flatMap(([name, member]) => {
    const value =
      entriesOf(member) === undefined ? readPoint(member, [name], context) : readStatic(member, name, context)
    return value === undefined ? [] : [{ name, value }]
  })
}

function readStatic(member: unknown, name: string, context: Context): ParamValue | undefined {
  const members = readMembers(member, [name], ['value'], context)
  return members === undefined ? undefined : readText(members.get('value'), [name, 'value'], context)
}

function readList(input: readonly unknown[], context: Context): readonly Param[] {
  return input.flatMap((item, index) => {
    const members = readMembers(item, [index], ['name', 'from', 'value'], context)
    if (members === undefined) return []
    if (members.has('from') === members.has('value')) {
      refuse(context, [index], 'either from (a data point) or value (a text) is expected')
      return []
    }
    const value = members.has('from')
      ? readPoint(members.get('from'), [index, 'from'], context)
      : readText(members.get('value'), [index, 'value'], context)
    const name = members.get('name')
    if (typeof name === 'string' || typeof name === 'number') {
      return value === undefined ? [] : [{ name: String(name), value }]
    }
    refuse(context, [index, 'name'], expectedMessage('a text', name))
    return []
  })
}

/** The members of a mapping that has no others than `known`. */
function readMembers(
  input: unknown,
  path: Path,
  known: readonly string[],
  context: Context,
): ReadonlyMap<string, unknown> | undefined {
  const entries = entriesOf(input)
  if (entries === undefined) {
    refuse(context, path, expectedMessage('{ name, from } or { name, value }', input))
    return undefined
  }
  const unknown = entries.filter(([key]) => !known.includes(key))
  for (const [key] of unknown) context.addIssue(unknownKeyIssue(path, key, known))
  return unknown.length === 0 ? new Map(entries) : undefined
}

function readPoint(input: unknown, path: Path, context: Context): ParamValue | undefined {
  if (typeof input === 'string' && input !== '') return { kind: 'point', path: input }
  return refuse(context, path, expectedMessage('a data point or { value: text }', input))
}

function readText(input: unknown, path: Path, context: Context): ParamValue | undefined {
  if (typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean') {
    return { kind: 'text', text: String(input), syntax: 'none' }
  }
  return refuse(context, path, expectedMessage('a text', input))
}

function refuse(context: Context, path: Path, message: string): undefined {
  context.addIssue({ code: 'custom', path: [...path], message })
}

/** Data points that are sent under their own names. */
export function pointGroup(names: readonly string[], onlyWithPrefix?: string): ParamGroup {
  const params = names.map((name): Param => ({ name, value: { kind: 'point', path: name } }))
  return onlyWithPrefix === undefined ? { params } : { params, onlyWithPrefix }
}

/** Configured parameters as a group; none where there are none. */
export function ownGroup(params: readonly Param[]): readonly ParamGroup[] {
  return params.length === 0 ? [] : [{ params }]
}

/** Where parameters stand: in the query of a GET or DELETE, in the form body of every other method. */
export function placeGroups(
  method: HttpMethod,
  groups: readonly ParamGroup[],
): { readonly query: readonly ParamGroup[]; readonly body: BodySpec } {
  return method === 'GET' || method === 'DELETE'
    ? { query: groups, body: { kind: 'none' } }
    : { query: [], body: { kind: 'form', groups } }
}
