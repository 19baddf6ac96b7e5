/**
 * Makes one connection: look-up, address guard, TCP or a tunnel through the egress proxy, TLS. Invariant: connects (or has the proxy
 * connect) only to an address that was checked, as a literal, so that a name which answers differently the second time gains
 * nothing; verifies the peer's address again once connected. The connect limit is the exchange's, which cancels the attempt
 * when it has passed. Called by connections.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Phases } from '../model/attempt.ts'
import { type AddressRange, canonicalAddress, guardAddress } from './address-guard.ts'
import { classifyConnectFailure, ExchangeError } from './classify.ts'
import type { DnsCache } from './dns-cache.ts'
import type { ListenerGuard } from './listener-guard.ts'
import { type ProxyRoute, ProxyTunnel } from './proxy-tunnel.ts'
import type { Resolution, ResolvedAddress } from './resolver.ts'
import type { ContextSource, Trust } from './trust.ts'

/** First probe of an idle connection by the system, in milliseconds: notices peers that vanished without a word. */
const TCP_KEEP_ALIVE_MS = 60_000

/** Refused addresses that a failure names; a name can have hundreds. */
const NAMED_REFUSALS = 4

/** Where to connect to. */
export interface ConnectTarget {
  /** As in a URL, IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** Absent: plain HTTP. */
  readonly secure?: TargetSecurity
  readonly allow: readonly AddressRange[]
  /** Absent: directly. */
  readonly proxy?: ProxyRoute
  /** The last TLS session, which makes the next handshake shorter; written here. */
  tlsSession: Buffer | undefined
}

/** What TLS with a target needs. */
export interface TargetSecurity {
  readonly context: ContextSource
  /** The name that the certificate must bear; empty for an address literal, which is sent no name (RFC 6066, section 3). */
  readonly serverName: string
}

/** What every attempt of a transport shares. */
export interface ConnectServices {
  readonly clock: Clock
  readonly names: DnsCache
  readonly listeners: ListenerGuard
  readonly trust: Trust
}

/** What an attempt is busy with. */
export type ConnectStage = 'dns' | 'proxy' | 'tcp' | 'tls'

/** Called once, unless the attempt is cancelled before. */
export type ConnectDone = (result: { readonly socket: Socket } | { readonly error: ExchangeError }) => void

/** One attempt to connect, over all permitted addresses of a name, one after the other. */
export class ConnectAttempt {
  readonly #target: ConnectTarget
  readonly #services: ConnectServices
  readonly #limitMs: number
  readonly #startedMs: number
  #stageStartedMs: number
  #done: ConnectDone | undefined
  #permitted: readonly ResolvedAddress[] = []
  #next = 0
  #socket: Socket | undefined
  #tunnel: ProxyTunnel | undefined
  #nextAddressTimer: NodeJS.Timeout | undefined
  #stage: ConnectStage = 'dns'
  #phases: Phases = {}

  constructor(target: ConnectTarget, services: ConnectServices, limitMs: number, done: ConnectDone) {
    this.#target = target
    this.#services = services
    this.#limitMs = limitMs
    this.#done = done
    this.#startedMs = services.clock.monotonicMs()
    this.#stageStartedMs = this.#startedMs
  }

  get stage(): ConnectStage {
    return this.#stage
  }

  /** Times of the stages that are over. */
  get phases(): Phases {
    return this.#phases
  }

  /** Begins; `done` may be called before this returns. */
  start(): void {
    const { hostname } = this.#target
    const family = isIP(hostname)
    if (family === 0) this.#services.names.lookup(hostname, (resolution) => this.#onResolution(resolution))
    else this.#choose([{ address: hostname, family: family === 6 ? 6 : 4 }])
  }

  /** Gives up without a word; safe to call at any time. */
  cancel(): void {
    this.#done = undefined
    this.#abandonSocket()
  }

  #onResolution(resolution: Resolution): void {
    if (this.#done === undefined) return
    this.#phases = { ...this.#phases, dnsMs: this.#endStage() }
    switch (resolution.kind) {
      case 'resolved':
        this.#choose(resolution.addresses)
        return
      case 'failed':
        this.#fail(new ExchangeError('dns', messageOf(resolution.error), resolution.error))
    }
  }

  #choose(addresses: readonly ResolvedAddress[]): void {
    const { hostname, proxy } = this.#target
    const refusals: string[] = []
    const permitted = addresses.filter(({ address }) => {
      const refusal = this.#refusalOf(address)
      if (refusal !== undefined) refusals.push(refusal)
      return refusal === undefined
    })
    // A proxy that is given the name takes whichever address it likes: all of them have to be permitted, and one try is all.
    const isByName = proxy?.connectBy === 'name'
    if (permitted.length > 0 && !(isByName && refusals.length > 0)) {
      this.#permitted = isByName ? permitted.slice(0, 1) : permitted
      this.#tryNext()
    } else if (addresses.length === 0) {
      this.#fail(new ExchangeError('dns', `${hostname} has no address`))
    } else {
      const more = refusals.length - NAMED_REFUSALS
      const rules = refusals.slice(0, NAMED_REFUSALS).join('; ') + (more > 0 ? `; and ${more} more` : '')
      this.#fail(new ExchangeError('address-refused', isIP(hostname) === 0 ? `${hostname}: ${rules}` : rules))
    }
  }

  #refusalOf(address: string): string | undefined {
    if (this.#services.listeners.isOwn(address, this.#target.port)) {
      return `${address} port ${this.#target.port} is a listener of this engine`
    }
    const verdict = guardAddress(address, this.#target.allow)
    return verdict.kind === 'refused' ? verdict.rule : undefined
  }

  #tryNext(): void {
    const candidate = this.#permitted[this.#next]
    if (candidate === undefined) return
    this.#next += 1
    this.#stageStartedMs = this.#services.clock.monotonicMs()
    const { proxy } = this.#target
    if (proxy === undefined) this.#connectDirectly(candidate)
    else this.#connectThrough(proxy, candidate)
    const addressesLeft = this.#permitted.length - this.#next
    if (addressesLeft > 0 && this.#done !== undefined) {
      // An address that swallows packets must leave the others their share of the limit.
      const remainingMs = this.#startedMs + this.#limitMs - this.#stageStartedMs
      this.#nextAddressTimer = setTimeout(
        () => this.#onFailure(new Error(`no answer from ${candidate.address}`)),
        remainingMs / (addressesLeft + 1),
      )
    }
  }

  #connectDirectly({ address, family }: ResolvedAddress): void {
    const { port, secure } = this.#target
    this.#stage = 'tcp'
    const where = { host: address, family, port }
    const socket = secure === undefined ? connectTcp(where) : this.#openTls(secure, where)
    if (socket === undefined) return
    socket.setNoDelay(true)
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
    socket.once('connect', () => this.#onTcp(socket, address))
    this.#watch(socket)
  }

  #connectThrough(proxy: ProxyRoute, { address }: ResolvedAddress): void {
    const { hostname, port, secure } = this.#target
    this.#stage = 'proxy'
    const host = proxy.connectBy === 'name' ? hostname : address
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const tunnel = new ProxyTunnel(proxy, this.#services, authority, (result) => {
      if (this.#tunnel !== tunnel) return
      this.#tunnel = undefined
      if ('error' in result) {
        this.#onFailure(result.error)
        return
      }
      const { socket } = result
      this.#phases = { ...this.#phases, connectMs: this.#endStage() }
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
      if (secure === undefined) {
        this.#succeed(socket)
        return
      }
      this.#stage = 'tls'
      const secured = this.#openTls(secure, { socket, host: hostname })
      if (secured === undefined) socket.destroy()
      else this.#watch(secured)
    })
    this.#tunnel = tunnel
    tunnel.start()
  }

  /** Begins TLS, from TCP on or over a socket that is connected; nothing where the configured certificates can't be used. */
  #openTls({ context, serverName }: TargetSecurity, where: ConnectionOptions): TLSSocket | undefined {
    let secureContext: SecureContext
    try {
      secureContext = context()
    } catch (thrown) {
      this.#fail(new ExchangeError('tls', `the configured certificates can't be used: ${messageOf(thrown)}`, thrown))
      return undefined
    }
    const { tlsSession } = this.#target
    const socket = connectTls({
      ...where,
      // Without a name the certificate is checked against the host, which then is an address literal.
      servername: serverName,
      secureContext,
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      ...(tlsSession === undefined ? {} : { session: tlsSession }),
    })
    socket.on('session', (session) => {
      this.#target.tlsSession = session
    })
    socket.once('secureConnect', () => {
      if (this.#socket !== socket) return
      this.#phases = { ...this.#phases, tlsMs: this.#endStage() }
      this.#succeed(socket)
    })
    return socket
  }

  #watch(socket: Socket): void {
    this.#socket = socket
    const onFailure = (error: Error): void => {
      if (this.#socket === socket) this.#onFailure(error)
    }
    socket.on('error', onFailure)
    socket.once('close', () => onFailure(new Error('the connection was closed')))
  }

  #onTcp(socket: Socket, address: string): void {
    if (this.#socket !== socket) return
    const peer = socket.remoteAddress ?? ''
    if (canonicalAddress(peer) !== canonicalAddress(address)) {
      this.#fail(new ExchangeError('address-refused', `connected to ${peer} instead of ${address}`))
      return
    }
    this.#phases = { ...this.#phases, connectMs: this.#endStage() }
    if (this.#target.secure === undefined) this.#succeed(socket)
    else this.#stage = 'tls'
  }

  #onFailure(error: Error): void {
    if (this.#done === undefined) return
    const stage = this.#stage === 'tls' ? 'tls' : 'tcp'
    // A session that the server no longer likes must not spoil the next handshake.
    this.#target.tlsSession = undefined
    this.#abandonSocket()
    if (this.#next < this.#permitted.length) {
      this.#tryNext()
      return
    }
    this.#services.names.forget(this.#target.hostname)
    this.#fail(error instanceof ExchangeError ? error : classifyConnectFailure(error, stage, this.#target.hostname))
  }

  #succeed(socket: Socket): void {
    const done = this.#done
    this.#done = undefined
    this.#socket = undefined
    clearTimeout(this.#nextAddressTimer)
    if (done === undefined) socket.destroy()
    else done({ socket })
  }

  #fail(error: ExchangeError): void {
    const done = this.#done
    this.cancel()
    done?.({ error })
  }

  #abandonSocket(): void {
    clearTimeout(this.#nextAddressTimer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
    this.#tunnel?.cancel()
    this.#tunnel = undefined
  }

  #endStage(): number {
    const nowMs = this.#services.clock.monotonicMs()
    const durationMs = nowMs - this.#stageStartedMs
    this.#stageStartedMs = nowMs
    return durationMs
  }
}
