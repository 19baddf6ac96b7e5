/**
 * Makes one connection: look-up, address guard, TCP, TLS. Invariant: connects only to an address that was checked, as a literal, so
 * that a name which answers differently the second time gains nothing; verifies the peer's address again once connected.
 * The connect limit is the exchange's, which cancels the attempt when it has passed. Called by connections.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Phases } from '../model/attempt.ts'
import { type AddressRange, canonicalAddress, guardAddress } from './address-guard.ts'
import { classifyConnectFailure, ExchangeError } from './classify.ts'
import type { DnsCache, Resolution, ResolvedAddress } from './dns-cache.ts'
import type { ListenerGuard } from './listener-guard.ts'

/** First probe of an idle connection by the system, in milliseconds: notices peers that vanished without a word. */
const TCP_KEEP_ALIVE_MS = 60_000

/** Where to connect to. */
export interface ConnectTarget {
  /** As in a URL, IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  readonly secure: boolean
  readonly allow: readonly AddressRange[]
  /** The last TLS session, which makes the next handshake shorter; written here. */
  tlsSession: Buffer | undefined
}

/** What every attempt of a transport shares. */
export interface ConnectServices {
  readonly clock: Clock
  readonly names: DnsCache
  readonly listeners: ListenerGuard
  /** Made when first asked for: loading all authorities takes milliseconds. */
  secureContext(): SecureContext
}

/** What an attempt is busy with. */
export type ConnectStage = 'dns' | 'tcp' | 'tls'

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
    const { hostname } = this.#target
    const refusals: string[] = []
    this.#permitted = addresses.filter(({ address }) => {
      const refusal = this.#refusalOf(address)
      if (refusal !== undefined) refusals.push(refusal)
      return refusal === undefined
    })
    if (this.#permitted.length > 0) {
      this.#tryNext()
    } else if (addresses.length === 0) {
      this.#fail(new ExchangeError('dns', `${hostname} has no address`))
    } else {
      const rules = refusals.join('; ')
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
    this.#stage = 'tcp'
    this.#stageStartedMs = this.#services.clock.monotonicMs()
    const socket = this.#target.secure ? this.#openTls(candidate) : this.#openTcp(candidate)
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
    socket.once('connect', () => this.#onTcp(socket, candidate))
    socket.on('error', (error) => this.#onSocketFailure(socket, error))
    socket.once('close', () => this.#onSocketFailure(socket, new Error('the connection was closed')))
    const addressesLeft = this.#permitted.length - this.#next
    if (addressesLeft > 0) {
      // An address that swallows packets must leave the others their share of the limit.
      const remainingMs = this.#startedMs + this.#limitMs - this.#stageStartedMs
      this.#nextAddressTimer = setTimeout(
        () => this.#onSocketFailure(socket, new Error(`no answer from ${candidate.address}`)),
        remainingMs / (addressesLeft + 1),
      )
    }
  }

  #openTcp({ address, family }: ResolvedAddress): Socket {
    return connectTcp({ host: address, family, port: this.#target.port })
  }

  #openTls({ address }: ResolvedAddress): Socket {
    const { hostname, port, tlsSession } = this.#target
    const socket = connectTls({
      host: address,
      port,
      // No server name indication for address literals (RFC 6066, section 3); the certificate is checked against the literal.
      servername: isIP(hostname) === 0 ? hostname : '',
      secureContext: this.#services.secureContext(),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      ...(tlsSession === undefined ? {} : { session: tlsSession }),
    })
    socket.on('session', (session) => {
      this.#target.tlsSession = session
    })
    socket.once('secureConnect', () => {
      this.#phases = { ...this.#phases, tlsMs: this.#endStage() }
      this.#succeed(socket)
    })
    return socket
  }

  #onTcp(socket: Socket, candidate: ResolvedAddress): void {
    if (this.#socket !== socket) return
    const peer = socket.remoteAddress ?? ''
    if (canonicalAddress(peer) !== canonicalAddress(candidate.address)) {
      this.#fail(new ExchangeError('address-refused', `connected to ${peer} instead of ${candidate.address}`))
      return
    }
    this.#phases = { ...this.#phases, connectMs: this.#endStage() }
    if (this.#target.secure) this.#stage = 'tls'
    else this.#succeed(socket)
  }

  #onSocketFailure(socket: Socket, error: Error): void {
    if (this.#socket !== socket || this.#done === undefined) return
    const stage = this.#stage === 'tls' ? 'tls' : 'tcp'
    // A session that the server no longer likes must not spoil the next handshake.
    this.#target.tlsSession = undefined
    this.#abandonSocket()
    if (this.#next < this.#permitted.length) {
      this.#tryNext()
      return
    }
    this.#services.names.forget(this.#target.hostname)
    this.#fail(classifyConnectFailure(error, stage, this.#target.hostname))
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
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #endStage(): number {
    const nowMs = this.#services.clock.monotonicMs()
    const durationMs = nowMs - this.#stageStartedMs
    this.#stageStartedMs = nowMs
    return durationMs
  }
}
