/**
 * Readers of data points: a path is compiled once and then read for every request.
 * The order is always the event's own data, the call's context, what can be derived. Own properties only, so that no path
 * reaches a prototype; never throws, whatever the data. Called by `compile/` for tokens and parameters.
 */
import {
  type DataPoints,
  type DataSource,
  type DataValue,
  isDataObject,
  ownValue,
  type ReadPoint,
} from '../model/data.ts'
import { carried } from './carried.ts'
import { DERIVED } from './derived.ts'
import { easternTime } from './eastern-time.ts'
import { parseInstant } from './instant.ts'

/** Data points that are sent in a form of their own, whichever way the event carries them. */
const FORMATS: ReadonlyMap<string, (value: DataValue) => DataValue> = new Map([
  // "True/False flag" (dialogtech-ivr-webhook)
  ['ivr_completed', (value: DataValue) => asFlag(value, 'True', 'False')],
  // "1 or 0" (autoid-webhook)
  ['repeat_caller', (value: DataValue) => asFlag(value, 1, 0)],
  ['ani_is_valid', (value: DataValue) => asFlag(value, 1, 0)],
  // "listed in Eastern time" (dialogtech-ivr-webhook, dialogtech-post-call-action)
  ['st_displayed_timestamp', asEasternTime],
])

/** A segment behind the first: a member's name, and the index that it is for an array. */
interface Step {
  readonly name: string
  /** -1 where the name is no index. */
  readonly index: number
}

/** An index as an array's members are counted: no sign, no leading zero. */
const INDEX = /^(?:0|[1-9]\d{0,8})$/

/**
 * Compiles the reader of one data point.
 *
 * A path walks into objects and arrays: `responses.1`, `user.phoneNumbers.0.number`. A switch that builds no JSON may carry a
 * nested value flat, under its whole path as a name; such a name goes before the walk.
 * @param path Names joined by dots; the first is the data point's.
 */
export function readPoint(path: string): ReadPoint {
  const [name = '', ...rest] = path.split('.')
  // JSON text can make `__proto__` an own property; it is no data point all the same.
  if (name === '__proto__' || rest.includes('__proto__')) return () => undefined
  return rest.length === 0 ? readName(name) : readPath(path, name, rest)
}

function readName(name: string): ReadPoint {
  const readCarried = carried(name)
  const derive = DERIVED.get(name)
  const format = FORMATS.get(name)
  if (format !== undefined) {
    return (source) => {
      const value = readCarried(source)
      return value === undefined ? undefined : format(value)
    }
  }
  if (derive === undefined) return readCarried
  return (source) => {
    const value = readCarried(source)
    return value === undefined ? derive(source) : value
  }
}

function readPath(path: string, name: string, rest: readonly string[]): ReadPoint {
  const steps = rest.map((segment): Step => ({ name: segment, index: INDEX.test(segment) ? Number(segment) : -1 }))
  const derive = DERIVED.get(name)
  return (source: DataSource) => {
    const points = carrierOf(source, path, name)
    if (points === undefined) return walk(derive?.(source), steps)
    return Object.hasOwn(points, path) ? points[path] : walk(ownValue(points, name), steps)
  }
}

/** Whose value counts: the event's or the context's, whichever first has the data point, nested or flat. */
function carrierOf({ data, context }: DataSource, path: string, name: string): DataPoints | undefined {
  if (Object.hasOwn(data, path) || Object.hasOwn(data, name)) return data
  return Object.hasOwn(context, path) || Object.hasOwn(context, name) ? context : undefined
}

function walk(start: DataValue | undefined, steps: readonly Step[]): DataValue | undefined {
  let value = start
  for (const step of steps) {
    // Arrays are read by index only: `length` is an own property of theirs.
    if (Array.isArray(value)) value = value[step.index]
    else if (isDataObject(value)) value = ownValue(value, step.name)
    else return undefined
  }
  return value
}

/** `yes` or `no` for a flag in any of the ways that switches write one; anything else stays as it is. */
function asFlag(value: DataValue, yes: DataValue, no: DataValue): DataValue {
  if (value === true || value === 1) return yes
  if (value === false || value === 0) return no
  if (typeof value !== 'string') return value
  const word = value.trim().toLowerCase()
  if (word === 'true' || word === '1') return yes
  return word === 'false' || word === '0' ? no : value
}

function asEasternTime(value: DataValue): DataValue {
  const instantMs = typeof value === 'string' ? parseInstant(value) : undefined
  return instantMs === undefined ? value : easternTime(instantMs)
}
