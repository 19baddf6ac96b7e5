/**
 * What a route is: a method, a path, the right that it needs, and a function from a call to an answer. Routes know neither
 * Fastify nor each other; the server registers them and writes their answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ACCEPTED_CODINGS } from './body/inflate.ts'
import type { LoopTurns } from './body/loop-turns.ts'
import type { BodyContext, BodyResult } from './body/read-body.ts'
import type { Caller, Right } from './http/access.ts'
import type { RouteAnswer } from './http/answer.ts'
import type { EnginePort } from './ports/engine-port.ts'
import type { ManagementPort } from './ports/management-port.ts'
import type { IngressLog, MetricsPort } from './ports/metrics-port.ts'
import { type Problem, problem } from './problems.ts'

/** One request, allowed in. */
export interface Call {
  /** Its body is not read yet. */
  readonly request: IncomingMessage
  /** For noticing that the client has gone; nothing is written to it by routes. */
  readonly response: ServerResponse
  readonly caller: Caller
  /** The path's `{id}` or `{subject}`, decoded; empty where the path has none. */
  readonly id: string
  /** Query without the question mark; empty where there is none. */
  readonly query: string
}

/** See the head of this file. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As the contract writes it: `/v1/webhooks/{id}/invoke`. Also the label of its metric. */
  readonly path: string
  /** `open`: anybody may call, without a token. */
  readonly right: Right | 'open'
  /** Whether HEAD answers as GET without a body would; not where GET does something. */
  readonly answersHead: boolean
  readonly handle: (call: Call) => Promise<RouteAnswer>
}

/** What routes work with; one for the whole ingress. */
export interface RouteContext extends BodyContext {
  readonly engine: EnginePort
  readonly management: ManagementPort
  readonly metrics: MetricsPort
  readonly log: IngressLog
  /** Of slices of batches; large bodies have their own, so that a live call with one waits for no batch. */
  readonly batchTurns: LoopTurns
}

/** The problem of a body that could not be read whole. */
export function bodyProblem(body: Exclude<BodyResult, { kind: 'body' | 'gone' }>): Problem {
  switch (body.kind) {
    case 'too-large':
      return problem('too-large', `The body may have up to ${body.limitBytes} bytes`)
    case 'too-dense':
      return problem(
        'too-large',
        `The body becomes more than ${body.ratio} times larger when it is decompressed; send it in parts, or not compressed`,
      )
    case 'unknown-coding':
      return problem(
        'unsupported-media-type',
        `The content-encoding must be one of ${ACCEPTED_CODINGS}, alone, or left out`,
        { headers: { 'accept-encoding': ACCEPTED_CODINGS } },
      )
    case 'malformed':
      return problem('malformed-body', body.detail)
    case 'too-slow': {
      const { stallBytes, stallMs } = body.limits
      const detail = `Less than ${stallBytes} bytes of the body arrived in ${stallMs / 1000} s`
      return problem('request-timeout', detail, { headers: { connection: 'close' } })
    }
    case 'no-room':
      return problem('unavailable', 'Too many bodies are being read at once', { headers: { 'retry-after': '1' } })
  }
}
