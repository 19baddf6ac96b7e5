/**
 * User and password of a URL as it is written in a configuration, found as `compileUrl` reads it: behind spaces and control
 * characters, up to the last @ before the path. Invariant: what is sent as credentials is found here, so that whoever shows a URL
 * or writes of it knows what to leave out.
 */

const USER_INFO = /^([\0- ]*https?:\/\/)([^/?#\\]*)@/i

/** `user:password` as written; undefined where a URL has none. */
export function userInfoIn(url: string): string | undefined {
  return USER_INFO.exec(url)?.[2]
}

/** The URL with `shown` in the place of user, password and the @ behind them. */
export function replaceUserInfo(url: string, shown: string): string {
  return url.replace(USER_INFO, (_whole, before: string) => `${before}${shown}`)
}
