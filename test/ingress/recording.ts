/**
 * Recording implementations of the ingress's ports and a server around them, for tests: the engine keeps what it is handed
 * and answers what the test has set. Requests go over real sockets.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { CatalogPlatform } from '../../src/catalog/description.ts'
import type { StoryRequest } from '../../src/engine/calls/call-story.ts'
import type { CallStory } from '../../src/engine/calls/calls.ts'
import { LiveFeed, type LiveFilter, type Watcher } from '../../src/engine/calls/live.ts'
import type { RecentCall, RecentCallsRequest } from '../../src/engine/calls/recent-calls.ts'
import { type Ingress, type IngressOptions, startIngress } from '../../src/ingress/http/server.ts'
import type { CallsPort } from '../../src/ingress/ports/calls-port.ts'
import type {
  EnginePort,
  EraseAnswer,
  EraseRequest,
  InvokeOptions,
  PurgeRequest,
  ReadinessCheck,
  ReplayRequest,
  ReplayResult,
  RetryResult,
} from '../../src/ingress/ports/engine-port.ts'
import type { ManagementPort } from '../../src/ingress/ports/management-port.ts'
import type { MetricsPort, ScrapeAnswer } from '../../src/ingress/ports/metrics-port.ts'
import type { DeliveryRecord, Hold } from '../../src/model/delivery.ts'
import type { CallEvent } from '../../src/model/event.ts'
import type { InvalidRequest, RenderedRequest } from '../../src/model/request-spec.ts'
import type { AcceptResult, InvokeResult } from '../../src/model/results.ts'
import type { DeliveryPage, DeliveryQuery } from '../../src/outbox/contract.ts'

/** Calls of which the test sets what is known; a real feed is watched. */
export class RecordingCalls implements CallsPort {
  readonly requests: StoryRequest[] = []
  readonly recentRequests: RecentCallsRequest[] = []
  readonly feed: LiveFeed = new LiveFeed()
  known: CallStory | undefined

  async story(request: StoryRequest): Promise<CallStory | undefined> {
    this.requests.push(request)
    return this.known
  }

  async recent(request: RecentCallsRequest): Promise<readonly RecentCall[]> {
    this.recentRequests.push(request)
    return []
  }

  async requestFor(): Promise<undefined> {
    return undefined
  }

  watch(filter: LiveFilter, onReady: () => void): Watcher | undefined {
    return this.feed.watch(filter, onReady)
  }
}

/** One webhook that the engine knows: `crm`, of the account `acme`. */
export class RecordingEngine implements EnginePort {
  readonly calls: RecordingCalls = new RecordingCalls()
  readonly accepted: CallEvent[] = []
  /** Sizes of the calls of `accept`. */
  readonly slices: number[] = []
  readonly invokes: { webhookId: string; event: CallEvent; options: InvokeOptions }[] = []
  readonly queries: DeliveryQuery[] = []
  readonly retried: string[] = []
  answerEvent: (event: CallEvent) => AcceptResult = () => ({ kind: 'accepted', deliveries: 1 })
  failure: Error | undefined
  answerInvoke: (options: InvokeOptions) => Promise<InvokeResult> = async () => INVOKED
  rendered: RenderedRequest | InvalidRequest = { kind: 'invalid', detail: 'nothing is set' }
  page: DeliveryPage = { deliveries: [] }
  retryResult: RetryResult = { kind: 'retried' }
  /** What keeps deliveries from going out, by id. */
  readonly holds: Map<string, Hold> = new Map()
  readonly replays: ReplayRequest[] = []
  replayResult: ReplayResult = { kind: 'replayed', count: 3 }
  readonly purges: PurgeRequest[] = []
  readonly erasures: EraseRequest[] = []
  readonly activations: [webhookId: string, isActive: boolean][] = []
  checks: readonly ReadinessCheck[] = [{ name: 'store', ready: true, detail: 'open' }]

  async accept(events: readonly CallEvent[]): Promise<readonly AcceptResult[]> {
    if (this.failure !== undefined) throw this.failure
    this.slices.push(events.length)
    this.accepted.push(...events)
    return events.map((event) => this.answerEvent(event))
  }

  async invoke(webhookId: string, event: CallEvent, options: InvokeOptions): Promise<InvokeResult | undefined> {
    this.invokes.push({ webhookId, event, options })
    return await this.answerInvoke(options)
  }

  async render(_webhookId: string, event: CallEvent): Promise<RenderedRequest | InvalidRequest | undefined> {
    this.accepted.push(event)
    return this.rendered
  }

  accountOf(webhookId: string): string | undefined {
    return webhookId === 'crm' ? 'acme' : undefined
  }

  originOf(webhookId: string): string | undefined {
    return webhookId === 'crm' ? 'https://crm.example.com' : undefined
  }

  async deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    this.queries.push(query)
    return this.page
  }

  async delivery(id: string): Promise<DeliveryRecord | undefined> {
    return this.page.deliveries.find((record) => record.id === id)
  }

  holdOf({ id }: DeliveryRecord): Hold | undefined {
    return this.holds.get(id)
  }

  async retry(id: string): Promise<RetryResult> {
    this.retried.push(id)
    return this.retryResult
  }

  catalog(): readonly CatalogPlatform[] {
    return [{ id: 'autoid', title: 'AutoID', categories: [] }]
  }

  async replay(request: ReplayRequest): Promise<ReplayResult> {
    if (this.failure !== undefined) throw this.failure
    this.replays.push(request)
    return this.replayResult
  }

  async purge(request: PurgeRequest): Promise<number> {
    this.purges.push(request)
    return this.purges.length
  }

  async erase(request: EraseRequest): Promise<EraseAnswer> {
    if (this.failure !== undefined) throw this.failure
    this.erasures.push(request)
    const counts = { events: 2, deliveries: 3, pending: 1 }
    return request.cursor === undefined ? { ...counts, next: 'more' } : counts
  }

  async setActive(webhookId: string, isActive: boolean): Promise<boolean> {
    if (this.failure !== undefined) throw this.failure
    this.activations.push([webhookId, isActive])
    return this.accountOf(webhookId) !== undefined
  }

  async stats(accounts: readonly string[] | 'all'): Promise<Readonly<Record<string, unknown>>> {
    return accounts === 'all' ? { pending: 3 } : { pending: 1, accounts }
  }

  readiness(): readonly ReadinessCheck[] {
    return this.checks
  }
}

/** A decision of every nesting that a form answer has to flatten. */
export const INVOKED: InvokeResult = {
  deliveryId: 'd1',
  webhook: 'crm',
  decision: {
    kind: 'next-action',
    app: 'findme',
    parameters: { phone_list: ['2223334444', '5556667777'], timeout: 30 },
  },
  attempt: { status: 200, durationMs: 12.3, bytes: 241 },
}

export class RecordingMetrics implements MetricsPort {
  readonly requests: string[] = []
  readonly refusedTypes: string[] = []
  replaced = 0
  overheads = 0

  httpRequest(route: string, method: string, status: number): void {
    this.requests.push(`${method} ${route} ${status}`)
  }

  eventRefused(type: string): void {
    this.refusedTypes.push(type)
  }

  replacedBytes(count: number): void {
    this.replaced += count
  }

  overheadIngress(): void {
    this.overheads += 1
  }

  async scrape(): Promise<ScrapeAnswer> {
    return {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: Buffer.from('switchhook_events_total 1\n'),
    }
  }
}

/** A management of nothing; what it does is tested with a whole engine. */
export const NO_MANAGEMENT: ManagementPort = {
  list: async () => ({ entries: [] }),
  get: () => undefined,
  put: async () => ({ kind: 'not-found' }),
  remove: async () => ({ kind: 'not-found' }),
  sections: () => ({ revision: '0', config: {} }),
}

/** A started ingress with its recording ports. */
export interface Running extends AsyncDisposable {
  readonly ingress: Ingress
  readonly engine: RecordingEngine
  readonly metrics: RecordingMetrics
  readonly url: string
}

/** Starts an ingress on a free port of 127.0.0.1, without tokens unless told otherwise. */
export async function run(options: Partial<IngressOptions> = {}): Promise<Running> {
  const engine = new RecordingEngine()
  const metrics = new RecordingMetrics()
  const listen = { host: '127.0.0.1', port: 0, keepAliveMs: 75_000 }
  const ingress = await startIngress({ engine, management: NO_MANAGEMENT, metrics, listen, tokens: [], ...options })
  return { ingress, engine, metrics, url: ingress.url, [Symbol.asyncDispose]: () => ingress.close(0) }
}

/** Sends raw bytes and gives all that comes back until the server closes. */
export async function sendRaw(url: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  for (const part of parts) {
    socket.write(part)
    // Each part must arrive as a chunk of its own.
    await new Promise(setImmediate)
  }
  await closed
  return answer
}

/** Posts a body to a path. */
export async function post(
  url: string,
  contentType: string,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    body,
    headers: { ...(contentType !== '' && { 'content-type': contentType }), ...headers },
  })
}

/** A problem's members, after checking that the answer is a problem that agrees with its status. */
export async function problemOf(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('status' in body) || body.status !== response.status) {
    throw new Error(`not a problem with status ${response.status}: ${JSON.stringify(body)}`)
  }
  if (response.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
    throw new Error(`content-type is ${response.headers.get('content-type')}`)
  }
  return { ...body, name: 'type' in body ? String(body.type).replace('urn:switchhook:problem:', '') : '' }
}
