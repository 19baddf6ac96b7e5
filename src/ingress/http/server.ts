/**
 * The HTTP server: registers the routes with Fastify, lets requests in (shutdown, host, token), writes answers, and ends in
 * bounded time. Fastify routes, but for what goes the short way, and frames; every answer, errors included, is written here.
 * Called by the assembly, once for each listener.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { systemClock } from '../../clock.ts'
import { messageOf, SwitchhookError } from '../../errors.ts'
import { Deadlines } from '../../transport/deadlines.ts'
import { Inflater } from '../body/inflater.ts'
import { LoopTurns } from '../body/loop-turns.ts'
import { BodyRoom } from '../body/read-body.ts'
import { DEFAULT_LIMITS, type IngressLimits } from '../limits.ts'
import type { EnginePort } from '../ports/engine-port.ts'
import type { ManagementPort } from '../ports/management-port.ts'
import type { IngressLog, MetricsPort } from '../ports/metrics-port.ts'
import { type Problem, problem, problemOfError } from '../problems.ts'
import type { Route } from '../route.ts'
import { allRoutes } from '../routes.ts'
import { type Authorize, type Caller, compileAccess, type Token } from './access.ts'
import { headersOf, problemAnswer, type RouteAnswer } from './answer.ts'
import { answerLast, problemOfParser } from './client-error.ts'
import { Connections } from './connections.ts'
import { compileDirectRoutes, type FindRoute } from './direct-routes.ts'
import { FailedLogins } from './failed-logins.ts'
import {
  createApp,
  dropRest,
  idOf,
  type ListenTls,
  problemOfFastify,
  queryOf,
  routerPath,
  secureOptions,
} from './fastify-app.ts'
import { OpenStreams } from './open-streams.ts'
import { compileOriginGuard, type OriginGuard } from './origin-guard.ts'
import { checkHead } from './request-head.ts'
import { UnreadAnswers } from './unread-answers.ts'

/** What an ingress is made of. */
export interface IngressOptions {
  readonly engine: EnginePort
  readonly management: ManagementPort
  readonly metrics: MetricsPort
  readonly listen: {
    /** Address or name to listen on. */
    readonly host: string
    /** 0 to 65535; 0 takes a free one. */
    readonly port: number
    /** How long an idle connection is kept, in milliseconds. */
    readonly keepAliveMs: number
    /** With it, the listener speaks TLS alone. */
    readonly tls?: ListenTls
  }
  /** With none, only loopback addresses may call. */
  readonly tokens: readonly Token[]
  /** Without one, what breaks here is not written anywhere. */
  readonly log?: IngressLog
  /** Limits that differ from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<IngressLimits>
}

const NO_PROXY = 'This is no proxy: CONNECT is not understood'
const NO_ROOM = 'Too many large answers wait for their readers'

/** The status under which a request is counted whose client had gone before its answer (as nginx writes it). */
const CLIENT_GONE_STATUS = 499

/** A route, once it is found. */
type ServedRoute = Pick<Route, 'path' | 'right' | 'handle'>

/** Starts to listen. Rejects with the system's error where the address can't be had. */
export async function startIngress(options: IngressOptions): Promise<Ingress> {
  const ingress = new Ingress(options)
  await ingress.listen(options)
  return ingress
}

/** A running listener. */
export class Ingress {
  readonly #app: FastifyInstance
  readonly #findDirect: FindRoute
  readonly #connections: Connections
  readonly #limits: IngressLimits
  readonly #isSecure: boolean
  readonly #asksForCertificates: boolean
  readonly #host: string
  readonly #logins = new FailedLogins()
  readonly #unread: UnreadAnswers
  readonly #streams: OpenStreams
  readonly #inflater: Inflater
  readonly #paces = new Deadlines(systemClock)
  #authorize: Authorize
  readonly #metrics: MetricsPort
  readonly #log: IngressLog
  /** Known once the listener is bound; no request comes before that. */
  #guard: OriginGuard = () => undefined
  #address: { readonly host: string; readonly port: number } = { host: '', port: 0 }
  #isClosing = false
  #closed: Promise<void> | undefined

  constructor(options: IngressOptions) {
    this.#metrics = options.metrics
    this.#log = options.log ?? { info: () => undefined, error: () => undefined }
    this.#authorize = compileAccess(options.tokens, this.#logins)
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#limits = limits
    this.#connections = new Connections(limits)
    this.#unread = new UnreadAnswers(limits)
    this.#streams = new OpenStreams(this.#unread)
    this.#isSecure = options.listen.tls !== undefined
    this.#asksForCertificates = options.listen.tls?.clientCa !== undefined
    this.#host = options.listen.host
    this.#app = createApp(options.listen.keepAliveMs, limits, options.listen.tls, {
      onClientError: (error, socket) => this.#answerClientError(error, socket),
      onError: (error, request, reply) => this.#answerError(error, request, reply),
    })
    const room = new BodyRoom(limits.heldBytes)
    this.#inflater = new Inflater(limits.inflations, (detail) => {
      this.#log.error({ detail }, 'the thread that decompresses died; the bodies that it had are refused')
    })
    const context = {
      ...options,
      limits,
      log: this.#log,
      room,
      inflater: this.#inflater,
      paces: this.#paces,
      turns: new LoopTurns(),
      batchTurns: new LoopTurns(),
    }
    const routes = allRoutes(context)
    this.#findDirect = compileDirectRoutes(routes)
    this.#register(routes)
  }

  /** Binds the listener. Called once, by {@link startIngress}. */
  async listen({ listen, tokens }: Pick<IngressOptions, 'listen' | 'tokens'>): Promise<void> {
    await this.#app.ready()
    const { server } = this.#app
    server.removeAllListeners('request').on('request', (request, response) => this.#route(request, response))
    server.on('connection', (socket) => this.#takeIn(socket))
    server.on('connect', ({ socket }) => this.#answerInTurn(problem('malformed-request', NO_PROXY), socket))
    // Refused like any other head; Node's own refusal is no problem+json.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(listen.port, listen.host, () => {
        server.off('error', reject)
        this.#address = boundAddress(server)
        this.#compileGuard(tokens)
        resolve()
      })
    })
  }

  /** The address and port that the listener has. */
  address(): { readonly host: string; readonly port: number } {
    return this.#address
  }

  /** `http://127.0.0.1:8080`, without a slash at the end. */
  get url(): string {
    const { host, port } = this.#address
    return `${this.#isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /**
   * Takes no more connections, closes idle ones at once, and resolves when the requests in flight are answered, at the
   * latest after `deadlineMs`: what is not answered then is cut. Safe to call twice.
   */
  close(deadlineMs: number): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  /**
   * Puts other tokens and certificates in force, for requests and connections from now on. Whether it speaks TLS, and
   * whether clients must show a certificate, stays as it was started.
   */
  renew({ tokens, tls }: { readonly tokens: readonly Token[]; readonly tls?: ListenTls | undefined }): void {
    // First, since nothing of it can fail: a token that was taken away must not outlive certificates that can't be used.
    this.#authorize = compileAccess(tokens, this.#logins)
    this.#compileGuard(tokens)
    // Whoever may still watch comes again.
    this.#streams.endAll()
    const { server } = this.#app
    // Whether clients must show a certificate is settled when a listener is made: others would be asked for none.
    const asksAlike = tls !== undefined && (tls.clientCa === undefined) === !this.#asksForCertificates
    if (asksAlike && server instanceof TlsServer) server.setSecureContext(secureOptions(tls))
  }

  #compileGuard(tokens: readonly Token[]): void {
    const boundAddress = this.#address.host
    this.#guard = compileOriginGuard({ host: this.#host, boundAddress, hasTokens: tokens.length > 0 })
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#isClosing = true
    const deadline = setTimeout(() => this.#connections.endAll(), deadlineMs)
    const closed = this.#app.close()
    this.#streams.endAll()
    this.#connections.endSilent()
    await closed
    clearTimeout(deadline)
    this.#paces.close()
    await this.#inflater[Symbol.asyncDispose]()
  }

  #register(routes: readonly Route[]): void {
    const methodsByPath = new Map<string, Set<string>>()
    for (const route of routes) {
      const methods = methodsByPath.get(route.path) ?? new Set()
      methodsByPath.set(route.path, methods.add(route.method))
      if (route.answersHead) methods.add('HEAD')
      this.#app.route({
        method: route.method,
        url: routerPath(route.path),
        exposeHeadRoute: route.answersHead,
        handler: (request, reply) => this.#serveRouted(route, request, reply),
      })
    }
    for (const [path, methods] of methodsByPath) this.#refuseOtherMethods(path, methods)
    const unmatched = openRoute('unmatched', problem('not-found', 'There is nothing at this path'))
    this.#app.setNotFoundHandler((request, reply) => this.#serveRouted(unmatched, request, reply))
  }

  #refuseOtherMethods(path: string, methods: ReadonlySet<string>): void {
    const allow = [...methods].sort().join(', ')
    const refusal = problem('method-not-allowed', `This resource knows ${allow}`, { headers: { allow } })
    const route = openRoute(path, refusal)
    this.#app.route({
      method: this.#app.supportedMethods.filter((method) => !methods.has(method)),
      url: routerPath(path),
      handler: (request, reply) => this.#serveRouted(route, request, reply),
    })
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    const direct = this.#findDirect(request.method, request.url)
    if (direct === undefined) this.#app.routing(request, response)
    else void this.#serve(direct.route, direct.id, request, response)
  }

  #serveRouted(route: ServedRoute, { raw, params }: FastifyRequest, reply: FastifyReply): void {
    reply.hijack()
    void this.#serve(route, idOf(params), raw, reply.raw)
  }

  /** Never rejects. */
  async #serve(route: ServedRoute, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    if (this.#connections.hasEnded(socket)) return
    this.#connections.asked(socket, response)
    try {
      const caller = this.#letIn(request, route.right)
      const answer =
        'kind' in caller
          ? problemAnswer(caller)
          : await route.handle({ request, response, caller, id, query: queryOf(request.url) })
      this.#write(request, response, route.path, answer)
    } catch (error) {
      const answer = problemAnswer(problemOfError(error) ?? this.#internal(error))
      // Of an answer that has begun nothing can be taken back.
      if (response.headersSent) socket.destroy()
      else this.#write(request, response, route.path, answer)
    }
  }

  #letIn(request: IncomingMessage, right: Route['right']): Caller | Problem {
    if (this.#isClosing) return problem('unavailable', 'The service is stopping', { headers: { 'retry-after': '1' } })
    const refusal = checkHead(request, this.#limits) ?? this.#guard(request)
    if (refusal !== undefined) return refusal
    if (right === 'open') return { name: 'anybody', accounts: [] }
    return this.#authorize(request.headers.authorization, request.socket.remoteAddress, right)
  }

  #write(request: IncomingMessage, response: ServerResponse, path: string, made: RouteAnswer): void {
    const { method = '' } = request
    if (made === 'gone') {
      this.#metrics.httpRequest(path, method, CLIENT_GONE_STATUS)
      return
    }
    const hasRoom = 'stream' in made || this.#unread.hold(response, made.body)
    const answer = hasRoom ? made : problemAnswer(problem('unavailable', NO_ROOM, { headers: { 'retry-after': '1' } }))
    if (!request.complete) dropRest(request, this.#limits.discardMs)
    const headers = headersOf(answer)
    if ('stream' in answer) {
      this.#metrics.httpRequest(path, method, answer.status)
      this.#streams.open(response, answer, headers)
      return
    }
    // After an offer of another protocol Node reads nothing more of what comes.
    if (this.#isClosing || request.headers.upgrade !== undefined) headers['connection'] = 'close'
    if (headers['connection'] === 'close') this.#connections.end(request.socket)
    // Fails where a field can't be written, and then another answer is.
    response.writeHead(answer.status, headers)
    this.#metrics.httpRequest(path, method, answer.status)
    response.end(answer.body)
    this.#unread.limit(response)
    this.#connections.answered(request.socket, response)
  }

  #answerError(error: FastifyError, { raw }: FastifyRequest, reply: FastifyReply): void {
    reply.hijack()
    this.#connections.asked(raw.socket, reply.raw)
    this.#write(raw, reply.raw, 'unmatched', problemAnswer(problemOfFastify(error) ?? this.#internal(error)))
  }

  /** Takes a connection in, or tells its client why not. */
  #takeIn(socket: Socket): void {
    // Accepted between the decision to stop and the listener's end.
    if (this.#isClosing) {
      socket.destroy()
      return
    }
    const refusal = this.#connections.admit(socket)
    if (refusal === undefined) return
    socket.on('error', () => socket.destroy())
    if (this.#isSecure) socket.destroy()
    else this.#answerLast(refusal, socket)
  }

  #answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
    const occurrence = problemOfParser(error)
    if (occurrence === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    this.#answerInTurn(occurrence, socket)
  }

  /** Writes a connection's last answer when those before it are written. */
  #answerInTurn(occurrence: Problem, socket: Socket): void {
    const { after, isAnswered } = this.#connections.turn(socket)
    const finish = () => {
      if (isAnswered) socket.destroy()
      else this.#answerLast(occurrence, socket)
    }
    const closed = after.map((response) => new Promise((resolve) => response.once('close', resolve)))
    if (closed.length === 0) finish()
    else void Promise.all(closed).then(finish)
  }

  #answerLast(occurrence: Problem, socket: Socket): void {
    if (!socket.writable) return
    this.#connections.end(socket)
    this.#metrics.httpRequest('unparsed', 'unparsed', answerLast(occurrence, socket))
    this.#unread.limitLast(socket)
  }

  #internal(error: unknown): Problem {
    this.#log.error({ error }, `a request failed: ${messageOf(error)}`)
    return problem('internal', 'The request could not be handled; the log of the service tells why')
  }
}

/** A route that answers one problem to anybody. */
function openRoute(path: string, occurrence: Problem): ServedRoute {
  return { path, right: 'open', handle: async () => problemAnswer(occurrence) }
}

function boundAddress(server: Server): { readonly host: string; readonly port: number } {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new SwitchhookError('internal', 'the listener has no address')
  return { host: address.address, port: address.port }
}
