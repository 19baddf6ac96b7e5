/**
 * What a few measurements of the same thing tell: their middle, and how far apart they are. Pure. Used by reports, gates and
 * the judgement of noise.
 */

/** Of at least one value. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  /** First and third quartile. */
  readonly quartiles: readonly [first: number, third: number]
}

/** The spread of at least one value. Throws for none: nothing was measured. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured')
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    least: quantile(sorted, 0),
    most: quantile(sorted, 1),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
  }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return spreadOf(values).median
}

/** Of a normal distribution: the standard error of the median of one value, in distances between its quartiles. */
const ERROR_OF_ONE = 0.93

/** How uncertain the middle value is, as its standard error: the less, the closer the middle half lies and the more values there are. */
export function medianError(values: readonly number[]): number {
  const { quartiles } = spreadOf(values)
  return (ERROR_OF_ONE * (quartiles[1] - quartiles[0])) / Math.sqrt(values.length)
}

/** Each value divided by the one that was measured beside it: what the machine does meanwhile meets both. */
export function pairedRatios(values: readonly number[], beside: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (beside[round] ?? Number.NaN))
}

/** `share` of the values, from 0 to 1, are at most this; between two of them by proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
