/**
 * Who may call, and how often: tokens with rights, accounts and rates. With no token configured, only loopback addresses may
 * call, with every right. Secrets are compared by digest, each with all tokens, so that the time taken tells nothing.
 * Called by the server once a request, before anything of the body is read.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { DEFAULT_ACCOUNT } from '../../model/event.ts'
import { type Bucket, FULL_BUCKET, takeAt } from '../../policy/rate.ts'
import { type Problem, problem, retryAfterSeconds } from '../problems.ts'
import { FailedLogins } from './failed-logins.ts'

/** `send` events; `invoke`; `read` all GETs and render; `manage` changes things and includes `read`. */
export type Right = 'send' | 'invoke' | 'read' | 'manage'

/** A token as configured. */
export interface Token {
  /** Shown to people; not secret. */
  readonly name: string
  readonly secret: string
  readonly may: readonly Right[]
  /** The accounts that it is for. */
  readonly accounts: readonly string[] | 'all'
  /** Requests a second, whatever they hold; absent: no limit. */
  readonly ratePerSecond?: number
}

/** Who calls, once known. */
export interface Caller {
  /** The token's name; not secret. */
  readonly name: string
  readonly accounts: readonly string[] | 'all'
}

/** Decides about one request. */
export type Authorize = (
  authorization: string | undefined,
  remoteAddress: string | undefined,
  right: Right,
) => Caller | Problem

const ANYBODY: Caller = { name: 'anybody on this machine', accounts: 'all' }

/** A token may send its rate of one second at once: switches call in bursts. */
const BURST_MS = 1_000

/** A configured token with what is known of it. */
interface KnownToken {
  readonly token: Token
  readonly digest: Buffer
  bucket: Bucket
}

/**
 * Builds the check from the configured tokens. `logins` outlives it: with other tokens, who guesses and who does not stays known.
 * `nowMs` is monotonic.
 */
export function compileAccess(
  tokens: readonly Token[],
  logins: FailedLogins = new FailedLogins(),
  nowMs: () => number = () => performance.now(),
): Authorize {
  if (tokens.length === 0) {
    return (_authorization, remoteAddress) =>
      isLoopback(remoteAddress)
        ? ANYBODY
        : problem('forbidden', 'No tokens are configured, so only callers on this machine (loopback) may call')
  }
  const known = tokens.map((token): KnownToken => ({ token, digest: digestOf(token.secret), bucket: FULL_BUCKET }))
  return (authorization, remoteAddress = '', right) => {
    const secret = secretOf(authorization)
    if (secret === undefined) return unauthorized(false)
    const timeMs = nowMs()
    const waitMs = logins.waitMs(remoteAddress, timeMs)
    if (waitMs > 0) return limited('Too many unknown tokens came from this address', waitMs)
    const match = findToken(known, digestOf(secret))
    if (match === undefined) {
      logins.failed(remoteAddress, timeMs)
      return unauthorized(true)
    }
    logins.succeeded(remoteAddress, timeMs)
    return judge(match, right, timeMs)
  }
}

/** Looks at every token, also after a match, so that neither its place nor its length shows in the time. */
function findToken(known: readonly KnownToken[], digest: Buffer): KnownToken | undefined {
  let match: KnownToken | undefined
  for (const candidate of known) {
    if (timingSafeEqual(candidate.digest, digest)) match = candidate
  }
  return match
}

function judge(known: KnownToken, right: Right, timeMs: number): Caller | Problem {
  const { token } = known
  if (token.ratePerSecond !== undefined) {
    const { state, waitMs } = takeAt(known.bucket, token.ratePerSecond, timeMs, BURST_MS)
    known.bucket = state
    if (waitMs > 0) return limited(`The token ${token.name} has used up its rate`, waitMs)
  }
  if (mayDo(token, right)) return token
  const has = token.may.join(', ') || 'none'
  return problem('forbidden', `The token ${token.name} lacks the right ${right}; it has ${has}`)
}

function limited(detail: string, waitMs: number): Problem {
  return problem('rate-limited', detail, { headers: { 'retry-after': retryAfterSeconds(waitMs) } })
}

/** Whether a caller may see what belongs to `account`. */
export function seesAccount(caller: Caller, account: string): boolean {
  return caller.accounts === 'all' || caller.accounts.includes(account)
}

/**
 * The account of an event that names `given`, or names none: a token for one account implies it, one for all accounts
 * leaves the default, one for several must be told.
 */
export function accountFor(caller: Caller, given: string | undefined): string | { readonly refused: string } {
  const { accounts } = caller
  if (accounts === 'all') return given ?? DEFAULT_ACCOUNT
  if (given === undefined) {
    const [only] = accounts
    if (accounts.length === 1 && only !== undefined) return only
    return { refused: `the token is for several accounts: name one of ${accounts.join(', ')}` }
  }
  return accounts.includes(given) ? given : { refused: `the token is not for the account ${given}` }
}

/** Whether an address is of this machine itself, in either family or IPv4 mapped into IPv6. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  // What nearly every caller on this machine has.
  if (address === '127.0.0.1') return true
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain)
}

function mayDo(token: Token, right: Right): boolean {
  return token.may.includes(right) || (right === 'read' && token.may.includes('manage'))
}

function unauthorized(wasGiven: boolean): Problem {
  const challenge = wasGiven ? 'Bearer realm="switchhook", error="invalid_token"' : 'Bearer realm="switchhook"'
  return problem(
    'unauthorized',
    wasGiven
      ? 'The token is not known'
      : 'Send a token as Authorization: Bearer TOKEN, or as the password of Basic authentication',
    { headers: { 'www-authenticate': `${challenge}, Basic realm="switchhook", charset="UTF-8"` } },
  )
}

/**
 * The secret in an `authorization` field (RFC 7617, 2): the password of Basic, whatever its user name. After Bearer any visible
 * characters, more than RFC 6750, 2.1 has, since a configured secret may hold them.
 */
function secretOf(authorization: string | undefined): string | undefined {
  const match = /^(bearer|basic) +([\x21-\x7e]+) *$/i.exec(authorization ?? '')
  const scheme = match?.[1]?.toLowerCase()
  const credentials = match?.[2]
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme === 'bearer') return credentials
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : pair.slice(colon + 1)
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
