/**
 * Fastify as this house uses it: routing and framing, nothing else. No body is parsed, no request is logged, no query is
 * split by it; bodies are left on the wire for the routes to read within their limits. Called by the server.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { DISCARD_MS, HEADER_LIMIT_BYTES, HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS, TIMEOUT_CHECK_MS } from './limits.ts'
import { type Problem, problem } from './problems.ts'

/** Where Fastify hands on what it can't answer. */
export interface AppHandlers {
  readonly onClientError: (error: Error, socket: Socket) => void
  readonly onError: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void
}

/** Most characters of a path's `{id}`; ids have at most 64, delivery ids 26. Longer ones are not found. */
const ID_LENGTH = 256

const NO_QUERY = {}

/** An application without routes. */
export function createApp(keepAliveMs: number, handlers: AppHandlers): FastifyInstance {
  const app = fastify({
    exposeHeadRoutes: false,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While closing, requests on open connections are answered by our own 503, as a problem.
    return503OnClosing: false,
    routerOptions: { maxParamLength: ID_LENGTH, querystringParser: () => NO_QUERY },
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: HEADER_LIMIT_BYTES,
    },
    clientErrorHandler: handlers.onClientError,
    frameworkErrors: handlers.onError,
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.setErrorHandler(handlers.onError)
  return app
}

/** The problem behind an error of Fastify's own; undefined where the mistake is ours. */
export function problemOfFastify(error: FastifyError): Problem | undefined {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem('unsupported-media-type', 'The content-type field is not a media type such as application/json')
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

/** The path's `{id}`, empty where it has none. */
export function idOf(params: unknown): string {
  const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : ''
  return typeof id === 'string' ? id : ''
}

/** The query of a request target, without the question mark. */
export function queryOf(target: string | undefined): string {
  const mark = target?.indexOf('?') ?? -1
  return target === undefined || mark === -1 ? '' : target.slice(mark + 1)
}

/** Lets a client finish a body that nobody wants, for a while, so that it gets to read the answer; then cuts it off. */
export function dropRest(request: IncomingMessage): void {
  const deadline = setTimeout(() => request.socket.destroy(), DISCARD_MS)
  deadline.unref()
  request.once('close', () => clearTimeout(deadline))
  request.resume()
}
