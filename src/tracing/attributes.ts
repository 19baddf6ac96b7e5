/**
 * What spans say, in the words of OpenTelemetry's semantic conventions (HTTP, messaging, CloudEvents) where these have one, else
 * under `switchhook.`. Invariant: nothing of what is sent or came back stands in a span: URLs are those of the configuration with
 * tokens, user info and query masked, and telephone numbers are masked in whatever senders chose. Used by `open-telemetry.ts`
 * and `request-spans.ts`.
 */
import { replaceUserInfo } from '../compile/credentials.ts'
import { findTokens } from '../compile/tokens.ts'
import { MASKED, maskNumbers, maskUrls } from '../logging/mask.ts'
import { PHASES } from '../metrics/layout.ts'
import type { Exchange, Outcome, Phases } from '../model/attempt.ts'
import type { Decision } from '../model/decision.ts'
import type { CallEvent } from '../model/event.ts'
import type { RequestSpec } from '../model/request-spec.ts'
import type { AcceptResult } from '../model/results.ts'
import type { Webhook } from '../model/webhook.ts'
import type { Attributes, SpanError } from './spans.ts'
import type { SendTarget, TracedDelivery, TracedSettlement } from './tracing.ts'

/** Ports that a URL need not name (RFC 9110, 4.2). */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** What a phase is called on a span, and the member that an attempt has it in. */
const PHASE_ATTRIBUTES = PHASES.map(([phase, name]) => [`switchhook.phase.${phase}`, name] as const)

/** An event, as samplers may want to know it; the rest of it is in {@link acceptAttributes} and {@link invokeAttributes}. */
export function eventKindAttributes({ type, account }: CallEvent): Attributes {
  return { 'cloudevents.event_type': maskNumbers(type), 'switchhook.account': maskNumbers(account) }
}

/** An event that is taken in. */
export function acceptAttributes(event: CallEvent): Attributes {
  return { ...operation('accept', 'receive'), 'messaging.message.id': maskNumbers(event.id), ...eventAttributes(event) }
}

/** What became of it. */
export function acceptedAttributes(result: AcceptResult | undefined): Attributes {
  const { kind } = result ?? { kind: 'rejected' }
  return result?.kind === 'accepted'
    ? { 'switchhook.result': kind, 'switchhook.deliveries': result.deliveries }
    : { 'switchhook.result': kind }
}

/** Why an event was not accepted although nothing was wrong with how it was sent; undefined where it was, or had been before. */
export function acceptError(result: AcceptResult | undefined): SpanError | undefined {
  if (result === undefined) return { type: 'store', message: 'the store can not write' }
  if (result.kind !== 'rejected') return undefined
  return { type: result.retryable ? 'backlog' : 'deliveries', message: result.detail }
}

/** An event of which a live call waits. */
export function invokeAttributes(id: string, webhook: Webhook, event: CallEvent): Attributes {
  return { 'switchhook.invoke': id, 'switchhook.webhook': webhook.id, ...eventAttributes(event) }
}

/** An attempt of a delivery. */
export function deliverAttributes({ id, account, attempts }: TracedDelivery, webhook: Webhook): Attributes {
  return {
    ...operation('deliver', 'send'),
    'messaging.destination.name': webhook.id,
    'messaging.message.id': id,
    'switchhook.account': maskNumbers(account),
    'switchhook.attempt': attempts + 1,
  }
}

/** How a delivery goes on. */
export function settleAttributes(id: string, webhook: string, { to, reason }: TracedSettlement): Attributes {
  return {
    ...operation('settle', 'settle'),
    'messaging.destination.name': webhook,
    'messaging.message.id': id,
    'switchhook.settlement': to,
    ...(reason === undefined ? {} : { 'switchhook.dead.reason': reason }),
  }
}

/** A request, before it is sent for the first time: the same of all to one target. */
export function sendAttributes({ endpoint, request }: SendTarget): Attributes {
  const { protocol, hostname, port } = new URL(endpoint.origin)
  return {
    'http.request.method': request.method,
    'url.full': shownUrl(request),
    // In a URL alone an IPv6 address has brackets.
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  }
}

/** How a request ended, and where its time went, in seconds. */
export function sentAttributes(
  { status, bytes }: Pick<Exchange | Outcome, 'status' | 'bytes'>,
  phases: Phases,
): Attributes {
  const attributes: Record<string, number> = {}
  if (status > 0) {
    attributes['http.response.status_code'] = status
    attributes['http.response.body.size'] = bytes
  }
  for (const [attribute, name] of PHASE_ATTRIBUTES) {
    const durationMs = phases[name]
    if (durationMs !== undefined) attributes[attribute] = durationMs / 1000
  }
  return attributes
}

/** Why an attempt of a delivery failed; undefined where it did not. */
export function outcomeError({ reason, status, detail }: Outcome): SpanError | undefined {
  return reason === '' ? undefined : errorOf(reason, status, detail)
}

/**
 * Why a decision is the backup; undefined where it is not, or the caller has hung up, which is nobody's fault. Its detail is that of
 * two requests where a second server was asked: each says its own.
 */
export function decisionError(decision: Decision): SpanError | undefined {
  return decision.kind !== 'backup' || decision.reason === 'cancelled' ? undefined : { type: decision.reason }
}

/** Why a request of an invoke failed; undefined where it did not. */
export function exchangeError({ status }: Exchange, decision: Decision): SpanError | undefined {
  return decision.kind === 'backup' ? errorOf(decision.reason, status, decision.detail) : undefined
}

/** A wrong status is its own type (semantic conventions, HTTP client span); all else has a reason. */
function errorOf(reason: string, status: number, detail: string): SpanError {
  if (reason === 'status' && status > 0) return { type: String(status) }
  // What is wrong with an answer is told by a part of it.
  return reason === 'invalid-response' ? { type: reason } : { type: reason, message: maskNumbers(maskUrls(detail)) }
}

/** A URL as it is configured, of which nothing is rendered. */
export function shownUrl({ url, query }: RequestSpec): string {
  let text = ''
  let at = 0
  // `%C3%A9` are escapes; a data point with such a name stays as it is written, which tells nothing of any call.
  for (const { path, start, end } of findTokens(url, { known: 'any', hasEscapes: true })) {
    if (url.syntax === 'percent' && /^[0-9a-f]{2}$/i.test(path)) continue
    text += url.text.slice(at, start) + MASKED
    at = end
  }
  text += url.text.slice(at)
  const [withoutFragment = ''] = replaceUserInfo(text, `${MASKED}@`).trim().split('#')
  const [withoutQuery = '', written] = withoutFragment.split('?')
  return written === undefined && query.length === 0 ? withoutQuery : `${withoutQuery}?${MASKED}`
}

function operation(name: string, type: string): Attributes {
  return { 'messaging.system': 'switchhook', 'messaging.operation.name': name, 'messaging.operation.type': type }
}

function eventAttributes({ id, source, subject }: CallEvent): Attributes {
  return {
    'cloudevents.event_id': maskNumbers(id),
    // All of the query, also where it has no names.
    'cloudevents.event_source': maskNumbers(maskUrls(source.replace(/\?[^#]*/, `?${MASKED}`))),
    ...(subject !== '' && { 'cloudevents.event_subject': maskNumbers(subject) }),
  }
}
