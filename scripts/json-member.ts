/**
 * How scripts read JSON that they did not make: what the engine answered or logged may have any shape.
 */

/** A member of anything that came as JSON; undefined where it has none. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}
