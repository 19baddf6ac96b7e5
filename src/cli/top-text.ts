/**
 * Figures as short texts, for the live view and its plain lines: rates, times, counts and bytes. Invariant: a text has at most
 * nine characters up to a thousand million, and what is not known is a stroke.
 */

/** Stands for what is not known. */
const UNKNOWN = '-'

/** `0.4/s`, `12/s`, `1,204/s`. */
export function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN
  const isSmall = perSecond > 0 && perSecond < 9.95
  return `${isSmall ? perSecond.toFixed(1) : countText(Math.round(perSecond))}/s`
}

/** `1,204`; from ten million on `12.3 M`. */
export function countText(count: number | undefined): string {
  if (count === undefined) return UNKNOWN
  return count < 10_000_000 ? count.toLocaleString('en-US') : `${(count / 1_000_000).toFixed(1)} M`
}

/** A latency: `0.4 ms`, `12 ms`, `1.2 s`. */
export function latencyText(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

const SPANS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** How long something lasts, its two largest units at most: `12s`, `3m 20s`, `2d 3h`. Below zero: `0s`. */
export function spanText(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN
  let restMs = Math.max(0, ms)
  const parts: string[] = []
  for (const [unit, unitMs] of SPANS) {
    const count = Math.floor(restMs / unitMs)
    if (count > 0) parts.push(`${count}${unit}`)
    restMs -= count * unitMs
    if (parts.length === 2) return parts.join(' ')
    // A unit left out between two others would read as a smaller one.
    if (parts.length === 1 && count === 0) return parts.join(' ')
  }
  const seconds = Math.floor(restMs / 1000)
  if (seconds > 0 || parts.length === 0) parts.push(`${seconds}s`)
  return parts.join(' ')
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `512 B`, `1.2 GiB`. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < SIZES.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 || size >= 9.95 ? Math.round(size) : size.toFixed(1)} ${SIZES[unit] ?? ''}`
}
