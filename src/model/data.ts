/**
 * Data points: what is known about a call, under the names that the platforms' documents give them.
 * Floor 0: everything above speaks of calls in these types. Values are immutable once parsed.
 */

/** One value as JSON can carry it. */
export type DataValue = string | number | boolean | null | readonly DataValue[] | { readonly [name: string]: DataValue }

/** Data points by name. Names are own properties only: read them with {@link ownValue}, never by plain indexing. */
export type DataPoints = { readonly [name: string]: DataValue }

/**
 * Where a template's tokens are filled from: the event's own data first, then the call's context (what earlier answers
 * set), then what can be derived from both.
 */
export interface DataSource {
  readonly data: DataPoints
  readonly context: DataPoints
}

/** Reads one data point; `undefined` where the call has none. Never throws, whatever the data. */
export type ReadPoint = (source: DataSource) => DataValue | undefined

/** An object without data points, shared so that calls without context cost nothing. */
export const NO_DATA: DataPoints = Object.freeze({})

/** Whether `value` is a plain object of data points (not an array, not null). */
export function isDataObject(value: DataValue | undefined): value is DataPoints {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own property `name` of `points`; `undefined` where there is none, also for `__proto__` and other inherited names. */
export function ownValue(points: DataPoints, name: string): DataValue | undefined {
  return Object.hasOwn(points, name) ? points[name] : undefined
}
