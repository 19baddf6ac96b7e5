/**
 * What a call carries: the event's own data before the call's context, in either spelling of a name.
 * The invariant: what the event has goes first, even where its value is null or empty text.
 * Called by the readers of data points and by the derived ones.
 */
import { type DataPoints, type DataValue, ownValue, type ReadPoint } from '../model/data.ts'

/**
 * The other spelling of a data point that two documents spell differently: `st_referrer` (dialogtech-ivr-webhook) and
 * `st_referer` (dialogtech-post-call-action).
 */
const OTHER_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['st_referrer', 'st_referer'],
  ['st_referer', 'st_referrer'],
])

/** Compiles the look-up of one whole name: in the event's data, then in the call's context. Nothing is derived. */
export function carried(name: string): ReadPoint {
  const otherSpelling = OTHER_SPELLINGS.get(name)
  if (otherSpelling !== undefined || name in Object.prototype) {
    return ({ data, context }) => {
      const own = inEitherSpelling(data, name, otherSpelling)
      return own === undefined ? inEitherSpelling(context, name, otherSpelling) : own
    }
  }
  // No object inherits this name: plain indexing gives own values only, in half the time.
  return ({ data, context }) => {
    const own = data[name]
    return own === undefined ? context[name] : own
  }
}

function inEitherSpelling(points: DataPoints, name: string, otherSpelling: string | undefined): DataValue | undefined {
  const value = ownValue(points, name)
  return value === undefined && otherSpelling !== undefined ? ownValue(points, otherSpelling) : value
}
