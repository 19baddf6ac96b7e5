/**
 * Fastify as this house uses it: routing and framing, nothing else. No body is parsed, no request is logged, no query is
 * split by it; bodies, which it believes no method to have, are left on the wire for the routes to read within their limits.
 * Called by the server.
 */
import { type IncomingMessage, METHODS } from 'node:http'
import type { ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { HEADER_LIMIT_BYTES, type IngressLimits } from '../limits.ts'
import { type Problem, problem } from '../problems.ts'

/** Certificates of a listener, as PEM text. */
export interface ListenTls {
  /** The certificate, and after it those that lead to its authority. */
  readonly cert: string
  readonly key: string
  /** Authorities of which clients must show a certificate; absent: they need none. */
  readonly clientCa?: string
}

/** Where Fastify hands on what it can't answer. */
export interface AppHandlers {
  readonly onClientError: (error: Error, socket: Socket) => void
  readonly onError: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void
}

/** Most characters of a path's `{id}` or `{subject}`; ids have at most 64, those of bindings 200, subjects 1,024. Longer ones are not found. */
const ID_LENGTH = 1024

const NO_QUERY = {}

/** Time for a TLS handshake; shorter than the end of the process waits. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** All that Node's parser knows, since each is refused on the paths that there are; CONNECT asks for no path. */
const ROUTED_METHODS = METHODS.filter((method) => method !== 'CONNECT')

/** An application without routes; it speaks TLS where `tls` is given. */
export function createApp(
  keepAliveMs: number,
  limits: IngressLimits,
  tls: ListenTls | undefined,
  handlers: AppHandlers,
): FastifyInstance {
  const http = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    maxHeaderSize: HEADER_LIMIT_BYTES,
    // Checked by ourselves, since Node's own refusal is no problem+json.
    requireHostHeader: false,
  }
  const https = tls && { ...http, ...secureOptions(tls), handshakeTimeout: HANDSHAKE_TIMEOUT_MS }
  const app: FastifyInstance = fastify({
    ...(https === undefined ? { http } : { https }),
    exposeHeadRoutes: false,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: limits.requestMs,
    // While closing, requests on open connections are answered by our own 503, as a problem.
    return503OnClosing: false,
    routerOptions: { maxParamLength: ID_LENGTH, querystringParser: () => NO_QUERY },
    clientErrorHandler: handlers.onClientError,
    frameworkErrors: handlers.onError,
  })
  // One more than may come, so that too many show: Node drops what is beyond without a word.
  app.server.maxHeadersCount = limits.headerFields + 1
  for (const method of ROUTED_METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.setErrorHandler(handlers.onError)
  return app
}

/** What a listener's TLS context is made of: TLS 1.2 at least, HTTP/1.1 alone. */
export function secureOptions({ cert, key, clientCa }: ListenTls): ServerOptions {
  const options: ServerOptions = { cert, key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }
  return clientCa === undefined ? options : { ...options, ca: clientCa, requestCert: true, rejectUnauthorized: true }
}

/** The problem behind an error of Fastify's own; undefined where the mistake is ours. */
export function problemOfFastify(error: FastifyError): Problem | undefined {
  switch (error.code) {
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return problem('not-found', `No id has more than ${ID_LENGTH} characters`)
    case 'FST_ERR_BAD_URL':
      return problem('malformed-request', 'The path is not percent-encoded UTF-8')
    default:
      return undefined
  }
}

/** A contract's path as the router writes it: `/v1/webhooks/{id}` becomes `/v1/webhooks/:id`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** The path's `{id}` or `{subject}`, empty where it has none. */
export function idOf(params: unknown): string {
  const [id] = typeof params === 'object' && params !== null ? Object.values(params) : []
  return typeof id === 'string' ? id : ''
}

/** The query of a request target, without the question mark. */
export function queryOf(target: string | undefined): string {
  const mark = target?.indexOf('?') ?? -1
  return target === undefined || mark === -1 ? '' : target.slice(mark + 1)
}

/** Lets a client finish a body that nobody wants, for a while, so that it gets to read the answer; then cuts it off. */
export function dropRest(request: IncomingMessage, discardMs: number): void {
  const deadline = setTimeout(() => request.socket.destroy(), discardMs)
  deadline.unref()
  request.once('close', () => clearTimeout(deadline))
  request.resume()
}
