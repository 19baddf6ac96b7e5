/**
 * Asks name servers by itself (c-ares) rather than through `getaddrinfo`, of which Node.js runs two at a time for the whole process:
 * two customers whose name servers are silent would stop the look-ups of all others. Invariant: names of the hosts file and
 * those that only the system can know (one label, `.local`) still go to the system, whose answer no customer can delay.
 * The default resolver of the DNS cache.
 */
import { lookup, Resolver as NameServerClient, type RecordWithTtl } from 'node:dns'
import { readFile } from 'node:fs'
import { codeOf } from '../errors.ts'

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** What a look-up came to; `error` as the resolver gave it. */
export type Resolution =
  | {
      readonly kind: 'resolved'
      readonly addresses: readonly ResolvedAddress[]
      /** How long the answer may be remembered, in milliseconds; absent where the resolver does not know. */
      readonly ttlMs?: number
    }
  | { readonly kind: 'failed'; readonly error: Error }

/** Looks a name up once, without any memory; calls `done` once, then or later. */
export type Resolver = (hostname: string, done: (resolution: Resolution) => void) => void

/** First wait for a name server, in milliseconds; the second try takes about twice as long, both less than the connect limit of 5 s. */
const QUERY_TIMEOUT_MS = 1000
const QUERY_TRIES = 2

/** Wait for the other address family once one has addresses, in milliseconds: some name servers never answer for IPv6. */
const OTHER_FAMILY_MS = 500

/**
 * Most addresses of a name, far above what web servers have. A name server can send thousands in one answer, each of which is
 * remembered, and judged anew by the thread that connects.
 */
export const ADDRESSES_LIMIT = 128

/** Where the system keeps names of its own; Windows has the same file elsewhere. */
const HOSTS_FILE =
  process.platform === 'win32'
    ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts'

/** Where a {@link nameServerResolver} asks and reads, other than the system's own places. */
export interface NameServerOptions {
  /** `address:port`; default: those of the system (`/etc/resolv.conf`). */
  readonly servers?: readonly string[]
  readonly hostsFile?: string
}

/** What the look-up of one address family came to. */
type FamilyAnswer =
  | { readonly addresses: readonly ResolvedAddress[]; readonly ttlMs: number }
  | { readonly error: Error }

/** Makes a resolver that asks for IPv4 and IPv6 addresses at once. */
export function nameServerResolver(options: NameServerOptions = {}): Resolver {
  const newClient = (): NameServerClient => {
    const client = new NameServerClient({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES })
    if (options.servers !== undefined) client.setServers(options.servers)
    return client
  }
  let client = newClient()
  const hostsFile = options.hostsFile ?? HOSTS_FILE
  return (hostname, done) => {
    const name = hostname.replace(/\.$/, '').toLowerCase()
    if (isForTheSystem(name)) {
      systemResolver(hostname, done)
      return
    }
    readFile(hostsFile, 'utf8', (error, text) => {
      if (error === null && namesIn(text).has(name)) systemResolver(hostname, done)
      else {
        queryBoth(client, name, (resolution, areSilent) => {
          // Clients read the system's list of name servers once: it may have changed.
          if (areSilent) client = newClient()
          done(resolution)
        })
      }
    })
  }
}

/** Asks `getaddrinfo` for both address families, in the order that the system prefers. */
function systemResolver(hostname: string, done: (resolution: Resolution) => void): void {
  lookup(hostname, { all: true, order: 'verbatim' }, (error, addresses) => {
    if (error !== null) {
      const detail = `${hostname}: ${describeOfSystem(reasonOf(error))}`
      done({ kind: 'failed', error: new Error(detail, { cause: error }) })
      return
    }
    done({
      kind: 'resolved',
      addresses: addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    })
  })
}

/**
 * Search lists and multicast DNS are the system's business (RFC 6761, 6.3; RFC 6762, section 3). A name with a dot is never put
 * together with a search list, whatever `ndots` says: what a customer writes must not be able to mean a name of the operator's.
 */
function isForTheSystem(name: string): boolean {
  return !name.includes('.') || name.endsWith('.local') || name.endsWith('.localhost')
}

function namesIn(hosts: string): ReadonlySet<string> {
  const lines = hosts.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return new Set(lines.flatMap((line) => line.toLowerCase().split(/\s+/).slice(1)))
}

/** `areSilent`: nobody answered, not even that there is no such name. */
type QueryDone = (resolution: Resolution, areSilent: boolean) => void

function queryBoth(client: NameServerClient, name: string, done: QueryDone): void {
  const answers: FamilyAnswer[] = []
  let timer: NodeJS.Timeout | undefined
  const finish = (): void => {
    clearTimeout(timer)
    timer = undefined
    const errors = answers.flatMap((answer) => ('error' in answer ? [reasonOf(answer.error)] : []))
    done(join(name, answers), errors.length === 2 && errors.every((code) => SILENCE.has(code)))
  }
  const collect =
    (family: 4 | 6) =>
    (error: Error | null, records: readonly RecordWithTtl[]): void => {
      const isLate = answers.length === 1 && timer === undefined && 'addresses' in (answers[0] ?? {})
      if (isLate) return
      answers.push(
        error === null
          ? { addresses: records.map(({ address }) => ({ address, family })), ttlMs: shortest(records) }
          : { error },
      )
      if (answers.length === 2) finish()
      else if (error === null) timer = setTimeout(finish, OTHER_FAMILY_MS)
    }
  client.resolve4(name, { ttl: true }, collect(4))
  client.resolve6(name, { ttl: true }, collect(6))
}

/** What c-ares says where it got no answer at all. */
const SILENCE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECONNREFUSED'])

/** One family is enough; IPv4 first, which nearly every machine can reach. */
function join(name: string, answers: readonly FamilyAnswer[]): Resolution {
  const found = answers.filter((answer) => 'addresses' in answer)
  const addresses = found.flatMap((answer) => answer.addresses).toSorted((left, right) => left.family - right.family)
  if (addresses.length > ADDRESSES_LIMIT) {
    return { kind: 'failed', error: new Error(`${name}: the name has more than ${ADDRESSES_LIMIT} addresses`) }
  }
  if (addresses.length > 0) {
    return { kind: 'resolved', addresses, ttlMs: Math.min(...found.map(({ ttlMs }) => ttlMs)) }
  }
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []))
  // Having no address of one family is an answer; being unable to ask is what people need to hear of.
  const error = errors.find((each) => reasonOf(each) !== 'ENODATA') ?? errors[0] ?? new Error('ENODATA')
  return { kind: 'failed', error: new Error(`${name}: ${describe(reasonOf(error))}`, { cause: error }) }
}

function shortest(records: readonly RecordWithTtl[]): number {
  return Math.min(...records.map(({ ttl }) => ttl)) * 1000
}

function reasonOf(error: Error): string {
  return codeOf(error) || error.message
}

function describeOfSystem(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
      return 'the system knows no such name, nor one with its search list (ENOTFOUND)'
    case 'EAI_AGAIN':
      return 'the system can not look the name up now (EAI_AGAIN)'
    default:
      return `the system's look-up failed (${code})`
  }
}

function describe(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
      // People who write svc.namespace, as within a cluster, must see why it is found by everything else there.
      return 'there is no such name (ENOTFOUND); search lists are not tried for a name with a dot'
    case 'ENODATA':
      return 'the name has no address (ENODATA)'
    case 'ETIMEOUT':
      return 'the name servers do not answer (ETIMEOUT)'
    case 'ESERVFAIL':
      return 'the name servers fail to answer (ESERVFAIL)'
    case 'ECONNREFUSED':
      return 'the name servers can not be reached (ECONNREFUSED)'
    default:
      return `the look-up failed (${code})`
  }
}
