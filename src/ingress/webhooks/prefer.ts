/**
 * Reads the preference `wait` of a `prefer` field (RFC 7240, 4.3): how long a caller wants to wait. What can't be
 * understood is ignored, as section 2 asks for. Called by invoke.
 */

/** Digits beyond which a wait is no longer a plausible number of seconds (nine are 31 years). */
const WAIT_PATTERN = /^wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))$/i

/** Seconds of the first `wait`, at least 1; undefined where there is none that makes sense. */
export function waitSeconds(prefer: string | readonly string[] | undefined): number | undefined {
  if (prefer === undefined) return undefined
  const field = typeof prefer === 'string' ? prefer : prefer.join(',')
  for (const preference of field.split(',')) {
    const token = (preference.split(';')[0] ?? '').trim()
    if (!/^wait\b/i.test(token)) continue
    // Only the first occurrence counts (RFC 7240, 2), even where its value is bad.
    const match = WAIT_PATTERN.exec(token)
    const seconds = Number(match?.[1] ?? match?.[2] ?? 0)
    return seconds >= 1 ? seconds : undefined
  }
  return undefined
}
