/**
 * Conditions of a request on what is stored (RFC 9110, 13.1.1 and 13.1.2): whether it may be changed as it is now.
 * A change needs the very same; that something is not there is said of what only means the same as well.
 */

/** The fields of a request as they came; absent where they did not. */
export interface Conditions {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

/** Whether `etag` is as the conditions want it; undefined: nothing is stored. */
export function holds({ ifMatch, ifNoneMatch }: Conditions, etag: string | undefined): boolean {
  if (ifMatch !== undefined && !names(ifMatch, etag)) return false
  return ifNoneMatch === undefined || !names(ifNoneMatch.replaceAll('W/', ''), etag)
}

function names(field: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  if (field.trim() === '*') return true
  // Etags of ours hold no commas.
  return field.split(',').some((each) => each.trim() === etag)
}
