/**
 * One tunnel through the egress proxy (CONNECT, RFC 9110, 9.3.6): look-up of the proxy, TCP, TLS where its URL is `https:`, CONNECT.
 * Invariant: what it asks for was checked by the connector, its failures are the proxy's (`connection`), and credentials
 * stand in the CONNECT alone, never in an error. Made by the connector, which enforces the connect limit.
 */
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageOf } from '../errors.ts'
import type { EgressProxy } from '../model/webhook.ts'
import { ExchangeError } from './classify.ts'
import type { DnsCache } from './dns-cache.ts'
import type { ListenerGuard } from './listener-guard.ts'
import type { ContextSource, Trust } from './trust.ts'

/** Largest head of the proxy's answer, in bytes: as for the servers' own. */
const HEAD_LIMIT_BYTES = 16_384

const HEAD_END = Buffer.from('\r\n\r\n')

/** A configured proxy, taken apart once for all connections of a pool. */
export interface ProxyRoute {
  /** As it is shown to people: no user info. */
  readonly origin: string
  /** IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** Absent: the proxy itself speaks plain HTTP. */
  readonly secureContext?: ContextSource
  /** The value of `proxy-authorization`; empty where the proxy asks for none. */
  readonly authorization: string
  readonly connectBy: 'address' | 'name'
}

/** Takes a configured proxy apart. */
export function proxyRoute(proxy: EgressProxy, trust: Trust): ProxyRoute {
  const { protocol, hostname, port, origin } = new URL(proxy.origin)
  const isSecure = protocol === 'https:'
  const { credentials, ca, connectBy } = proxy
  return {
    origin,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    ...(isSecure ? { secureContext: trust.contextFor(ca === undefined ? undefined : { ca }) } : {}),
    authorization: credentials === undefined ? '' : `Basic ${Buffer.from(credentials).toString('base64')}`,
    connectBy,
  }
}

/** What a tunnel needs of its transport. */
export interface TunnelServices {
  readonly names: DnsCache
  readonly listeners: ListenerGuard
}

/** Called once, unless the tunnel is cancelled before; the socket then carries what the target sends and receives. */
export type TunnelDone = (result: { readonly socket: Socket } | { readonly error: ExchangeError }) => void

/** See the head of this file. */
export class ProxyTunnel {
  readonly #route: ProxyRoute
  readonly #services: TunnelServices
  /** `host:port` of the target. */
  readonly #authority: string
  #done: TunnelDone | undefined
  #socket: Socket | undefined
  #isConnected = false
  #head: Buffer = Buffer.alloc(0)

  constructor(route: ProxyRoute, services: TunnelServices, authority: string, done: TunnelDone) {
    this.#route = route
    this.#services = services
    this.#authority = authority
    this.#done = done
  }

  /** Begins. */
  start(): void {
    const { hostname, port, secureContext } = this.#route
    // The operator named the proxy: its address needs no permission, and any that works will do.
    const where = { host: hostname, port, autoSelectFamily: true, lookup: this.#lookup }
    const socket =
      secureContext === undefined
        ? connectTcp(where)
        : connectTls({
            ...where,
            servername: isIP(hostname) === 0 ? hostname : '',
            secureContext: secureContext(),
            rejectUnauthorized: true,
            ALPNProtocols: ['http/1.1'],
          })
    this.#socket = socket
    socket.setNoDelay(true)
    socket.once(secureContext === undefined ? 'connect' : 'secureConnect', this.#onConnected)
    socket.on('error', this.#onError)
    socket.once('close', this.#onClosed)
  }

  /** Gives up without a word; safe to call at any time. */
  cancel(): void {
    this.#done = undefined
    this.#socket?.destroy()
    this.#socket = undefined
  }

  readonly #lookup: LookupFunction = (hostname, _options, callback) => {
    this.#services.names.lookup(hostname, (resolution) => {
      if (resolution.kind === 'failed') callback(resolution.error, [])
      else callback(null, [...resolution.addresses])
    })
  }

  readonly #onConnected = (): void => {
    const socket = this.#socket
    if (socket === undefined) return
    const { port, authorization } = this.#route
    if (this.#services.listeners.isOwn(socket.remoteAddress ?? '', port)) {
      this.#fail('is a listener of this engine')
      return
    }
    this.#isConnected = true
    socket.on('readable', this.#onReadable)
    const field = authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`
    socket.write(`CONNECT ${this.#authority} HTTP/1.1\r\nhost: ${this.#authority}\r\n${field}\r\n`)
  }

  readonly #onReadable = (): void => {
    const socket = this.#socket
    for (let chunk: unknown = socket?.read(); chunk instanceof Buffer; chunk = socket?.read()) {
      this.#head = Buffer.concat([this.#head, chunk])
      if (this.#readAnswer()) return
    }
  }

  /** True once the answer is complete, or can't become one. */
  #readAnswer(): boolean {
    for (let end = this.#head.indexOf(HEAD_END); end !== -1; end = this.#head.indexOf(HEAD_END)) {
      const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n|$)/.exec(this.#head.toString('latin1', 0, end))?.[1]
      if (status === undefined) return this.#fail('gave an answer to CONNECT that is not HTTP/1.1')
      const rest = this.#head.subarray(end + HEAD_END.length)
      if (status.startsWith('1')) {
        this.#head = rest
        continue
      }
      if (!status.startsWith('2')) return this.#fail(describeRefusal(status, this.#authority))
      // Neither TLS nor HTTP has the server speak first: such bytes would be taken for an answer.
      if (rest.length > 0) return this.#fail('sent data before anything was asked of the server')
      return this.#succeed()
    }
    if (this.#head.length <= HEAD_LIMIT_BYTES) return false
    return this.#fail('gave an answer to CONNECT whose header fields are larger than 16 KiB')
  }

  readonly #onError = (error: Error): void => {
    if (this.#isConnected) this.#fail(`ended the connection before it answered CONNECT: ${firstLine(error)}`)
    else this.#fail(`can't be reached: ${firstLine(error)}`)
    this.#services.names.forget(this.#route.hostname)
  }

  readonly #onClosed = (): void => {
    this.#fail(this.#isConnected ? 'closed the connection before it answered CONNECT' : 'closed the connection')
  }

  #succeed(): true {
    const socket = this.#socket
    const done = this.#done
    this.#socket = undefined
    this.#done = undefined
    socket?.off('readable', this.#onReadable)
    socket?.off('error', this.#onError)
    socket?.off('close', this.#onClosed)
    if (socket !== undefined) done?.({ socket })
    return true
  }

  #fail(what: string): true {
    const done = this.#done
    // The listeners stay: a socket that is being destroyed can still report why.
    this.cancel()
    done?.({ error: new ExchangeError('connection', `the proxy ${this.#route.origin} ${what}`) })
    return true
  }
}

function describeRefusal(status: string, authority: string): string {
  switch (status) {
    case '407':
      return 'does not take the credentials that it was given, or was given none (407)'
    case '502':
    case '503':
    case '504':
      return `can't connect to ${authority} (${status})`
    default:
      return `refuses to connect to ${authority} (${status})`
  }
}

function firstLine(error: Error): string {
  // Several addresses that all fail come as one error without a message of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  // After a semicolon Node.js adds what its own user could try.
  return messageOf(first ?? error).split(/\n|; /, 1)[0] ?? ''
}
