/**
 * Keeps web pages from driving the API through a visitor's browser. On a loopback listener only loopback names are
 * answered for (a page whose name was re-bound to 127.0.0.1 sends its own name as `host`), and on every listener what a
 * browser marks as coming from another site is refused. Called by the server before tokens are looked at.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from './access.ts'
import { type Problem, problem } from './problems.ts'

/** Looks at a request's header fields; undefined where nothing is wrong. */
export type OriginGuard = (headers: IncomingHttpHeaders) => Problem | undefined

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** `listenHost` is the host as configured; `boundAddress` the address that it became. */
export function compileOriginGuard(listenHost: string, boundAddress: string): OriginGuard {
  const names = new Set([...LOOPBACK_NAMES, hostText(listenHost), hostText(boundAddress)])
  const isOnLoopback = isLoopback(boundAddress)
  return (headers) => {
    // A request without `host` is HTTP/1.0: a health check, never a browser.
    if (isOnLoopback && headers.host !== undefined && !names.has(nameOf(headers.host))) {
      return problem(
        'misdirected',
        'This server listens on loopback only and answers for localhost, 127.0.0.1 and [::1]; the host field names another',
      )
    }
    return isFromAnotherSite(headers)
      ? problem(
          'cross-site',
          'The request comes from a web page of another site; call from a program, or from this origin',
        )
      : undefined
  }
}

/** `sec-fetch-site` (Fetch Metadata) where the browser has it, else `origin` (RFC 6454) against `host`. */
function isFromAnotherSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return true
  const { origin, host } = headers
  if (origin === undefined) return false
  return origin.replace(/^https?:\/\//, '').toLowerCase() !== host?.toLowerCase()
}

function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase()
}

function hostText(address: string): string {
  return address.includes(':') ? `[${address.toLowerCase()}]` : address.toLowerCase()
}
