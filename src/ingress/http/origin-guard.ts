/**
 * Keeps web pages from driving the API through a visitor's browser. Where anybody on this machine may call, by a loopback
 * listener or for want of tokens, only names that no page can own are answered for (a page whose name was re-bound to
 * 127.0.0.1 sends its own name as `host`); and on every listener what a browser marks as coming from another site is
 * refused. Called by the server before tokens are looked at.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { type Problem, problem } from '../problems.ts'
import { isLoopback } from './access.ts'

/** Looks at a request's head and where it comes from; undefined where nothing is wrong. */
export type OriginGuard = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => Problem | undefined

/** What a guard is made for. */
export interface GuardedListener {
  /** The host as configured. */
  readonly host: string
  /** The address that it became. */
  readonly boundAddress: string
  /** Whether callers need tokens, which a page of another site does not have. */
  readonly hasTokens: boolean
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Builds the guard of a listener. */
export function compileOriginGuard({ host, boundAddress, hasTokens }: GuardedListener): OriginGuard {
  const names = new Set([...LOOPBACK_NAMES, hostText(host), hostText(boundAddress)])
  const isOnLoopback = isLoopback(boundAddress)
  return ({ headers, socket }) => {
    // A request without `host` is HTTP/1.0: a health check, never a browser.
    const name = headers.host === undefined ? undefined : nameOf(headers.host)
    if (name !== undefined && !names.has(name)) {
      const isOpen = !hasTokens && isLoopback(socket.remoteAddress) && !isAddress(name)
      if (isOnLoopback || isOpen) return misdirected(isOnLoopback)
    }
    return isFromAnotherSite(headers)
      ? problem(
          'cross-site',
          'The request comes from a web page of another site; call from a program, or from this origin',
        )
      : undefined
  }
}

function misdirected(isOnLoopback: boolean): Problem {
  const why = isOnLoopback ? 'This server listens on loopback only and' : 'Without tokens this server'
  return problem('misdirected', `${why} answers for localhost, 127.0.0.1 and [::1]; the host field names another`)
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

/** A name can be made to point anywhere by whoever owns it; an address can't. */
function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

function hostText(address: string): string {
  return address.includes(':') ? `[${address.toLowerCase()}]` : address.toLowerCase()
}
