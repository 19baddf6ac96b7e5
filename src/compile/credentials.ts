/**
 * Where credentials stand in a request as it is configured, beside what was configured as a secret: fields that carry nothing else,
 * and user and password of a URL, found as `compileUrl` reads it - behind spaces and control characters, up to the last @ before the
 * path. Invariant: what is sent as credentials is found here, so that whoever shows a request knows what to leave out.
 */

/** Header fields, in lower case, that carry credentials whatever they were configured as (RFC 9110, 11.6; RFC 6265). */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie'])

const USER_INFO = /^([\0- ]*https?:\/\/)([^/?#\\]*)@/i

/** `user:password` as written; undefined where a URL has none. */
export function userInfoIn(url: string): string | undefined {
  return USER_INFO.exec(url)?.[2]
}

/** The URL with `shown` in the place of user, password and the @ behind them. */
export function replaceUserInfo(url: string, shown: string): string {
  return url.replace(USER_INFO, (_whole, before: string) => `${before}${shown}`)
}
