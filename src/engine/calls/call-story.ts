/**
 * A call's story: its events with their data, its deliveries and its decisions with the requests behind them, put together from
 * the outbox and the decisions kept. Ids of all three are made in one order, so that merging them is comparing them. A page
 * has the latest entries before its cursor and is bounded in number and bytes. Called by `calls.ts`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RenderRequest } from '../../compile/compile-request.ts'
import { type DataPoints, type DataSource, type DataValue, isDataObject, NO_DATA } from '../../model/data.ts'
import type { DeliveryContent, DeliveryRecord } from '../../model/delivery.ts'
import { parseOwnJson } from '../../model/own-json.ts'
import type { InvalidRequest, RenderedRequest } from '../../model/request-spec.ts'
import type { Outbox } from '../../outbox/contract.ts'
import type { PlannedWebhook } from '../plan/plan.ts'
import type { KeptDecision } from './decisions.ts'

/** Which part of which call's story. */
export interface StoryRequest {
  readonly account: string
  readonly subject: string
  /** Most entries, events aside: 1 to 100. */
  readonly limit: number
  /** `next` of the page before; absent: the latest. */
  readonly cursor?: string
}

/** A request as it may be shown: with placeholders for secrets. */
export interface ShownRequest {
  /** Scheme, host and port that it goes to. */
  readonly origin: string
  readonly rendered: RenderedRequest | InvalidRequest
}

/** What happened, in the order in which it began. */
export type StoryEntry =
  /** Before its deliveries; on each page that has some of them. */
  | { readonly kind: 'event'; readonly of: DeliveryRecord; readonly data: DataValue; readonly context: DataValue }
  /** `request`: as its webhook makes it now; absent where the webhook is gone. */
  | { readonly kind: 'delivery'; readonly record: DeliveryRecord; readonly request?: ShownRequest }
  | {
      readonly kind: 'decision'
      readonly kept: KeptDecision
      /** `decision`, `attempt`, `durationMs`, `tries`. */
      readonly made: DataPoints
      /** Absent where they were too large to be kept. */
      readonly source?: DataSource
      /** Of each of the tries; empty without a source. */
      readonly requests: readonly ShownRequest[]
    }

/** One page; only the last has no `next`. */
export interface StoryPage {
  readonly entries: readonly StoryEntry[]
  readonly next?: string
}

/** What a story is made of. */
export interface StoryParts {
  readonly outbox: Pick<Outbox, 'find'>
  readonly decisions: readonly KeptDecision[]
  /** The webhook as it is now. */
  readonly plannedOf: (webhookId: string) => PlannedWebhook | undefined
}

/** Bytes after which a page ends, so that an answer has a few megabytes at most. */
const PAGE_BYTES = 1_048_576

/** Deliveries read at once: each may come with an event of 1 MiB. */
const READ_AT_ONCE = 10

/** Digits of an event's key and of an invoke's id. */
const KEY_LENGTH = 26

/** Where a page ended: the last id on it, and what to ask the outbox for to find the deliveries after it. */
const CURSOR = /^([0-9a-f]{26}(?:-\d{1,5})?)\.([0-9a-z-]{0,40})$/

/** Whether a cursor is one of ours. */
export function isStoryCursor(text: string): boolean {
  return CURSOR.test(text)
}

/** See the head of this file. */
export async function tellStory(parts: StoryParts, request: StoryRequest): Promise<StoryPage> {
  const [, last = '', page = ''] = CURSOR.exec(request.cursor ?? '') ?? []
  const isWanted = (id: string): boolean => last === '' || isBefore(id, last)
  const decisions = parts.decisions.filter(({ id }) => isWanted(id))
  const deliveries = new Deliveries(parts.outbox, request, page, isWanted)
  const pageOf = new PageBuilder(parts.plannedOf)
  for (let count = 0, lastId = ''; ; count += 1) {
    const delivery = await deliveries.first()
    const [decision] = decisions
    if (delivery === undefined && decision === undefined) return { entries: pageOf.entries() }
    if (count >= request.limit || pageOf.bytes >= PAGE_BYTES) {
      return { entries: pageOf.entries(), next: `${lastId}.${deliveries.page}` }
    }
    if (delivery !== undefined && (decision === undefined || isBefore(decision.id, delivery.id))) {
      pageOf.addDelivery(delivery)
      deliveries.shift()
      lastId = delivery.id
    } else if (decision !== undefined) {
      pageOf.addDecision(decision)
      decisions.shift()
      lastId = decision.id
    }
    // Rendering an entry takes up to a millisecond or two.
    await nextTurn()
  }
}

/** A call's deliveries, the newest first, read as they are needed. */
class Deliveries {
  readonly #outbox: StoryParts['outbox']
  readonly #request: StoryRequest
  readonly #isWanted: (id: string) => boolean
  #read: DeliveryRecord[] = []
  /** The cursor that {@link first} was read with. */
  page: string
  #next: string | undefined

  constructor(outbox: StoryParts['outbox'], request: StoryRequest, page: string, isWanted: (id: string) => boolean) {
    this.#outbox = outbox
    this.#request = request
    this.#isWanted = isWanted
    this.page = page
    this.#next = page
  }

  async first(): Promise<DeliveryRecord | undefined> {
    while (this.#read.length === 0 && this.#next !== undefined) {
      const { subject, account } = this.#request
      this.page = this.#next
      const query = { subject, accounts: [account], limit: READ_AT_ONCE, withContent: true } as const
      const { deliveries, next } = await this.#outbox.find(this.page === '' ? query : { ...query, cursor: this.page })
      this.#read = deliveries.filter(({ id }) => this.#isWanted(id))
      this.#next = next
    }
    return this.#read[0]
  }

  shift(): void {
    this.#read.shift()
  }
}

/** Gathers entries from the newest to the oldest. */
class PageBuilder {
  readonly #plannedOf: StoryParts['plannedOf']
  readonly #newestFirst: StoryEntry[] = []
  /** A delivery of the event that comes before those gathered last. */
  #eventOf: DeliveryRecord | undefined
  #bytes = 0

  constructor(plannedOf: StoryParts['plannedOf']) {
    this.#plannedOf = plannedOf
  }

  /** About what its entries take. */
  get bytes(): number {
    return this.#bytes
  }

  addDelivery(record: DeliveryRecord): void {
    if (this.#eventOf !== undefined && keyOf(this.#eventOf.id) !== keyOf(record.id)) this.#addEvent()
    this.#eventOf = record
    const planned = this.#plannedOf(record.webhook)
    const content = record.content ?? { payload: '', context: '' }
    // Under its webhook's id there may be another account's now, which it is not sent to.
    if (planned?.webhook.account !== record.account) {
      this.#newestFirst.push({ kind: 'delivery', record })
      return
    }
    const request = shownOf(planned, content)
    this.#bytes += sizeOf(request) + content.payload.length + content.context.length
    this.#newestFirst.push({ kind: 'delivery', record, request })
  }

  addDecision(kept: KeptDecision): void {
    this.#addEvent()
    const { planned, payload, context, tries } = kept
    const made = objectOf(kept.made)
    this.#bytes += kept.made.length + payload.length + context.length
    if (payload === '') {
      this.#newestFirst.push({ kind: 'decision', kept, made, requests: [] })
      return
    }
    const source = sourceOf(payload, context)
    const requests = tries.map(({ isFallback }) => {
      const { fallback, endpoint } = planned.webhook
      const renderFallback = planned.renderFallbackShown
      return isFallback && fallback !== undefined && renderFallback !== undefined
        ? shown(fallback.endpoint.origin, renderFallback, source)
        : shown(endpoint.origin, planned.renderShown, source)
    })
    for (const request of requests) this.#bytes += sizeOf(request)
    this.#newestFirst.push({ kind: 'decision', kept, made, source, requests })
  }

  /** All of them, the oldest first. */
  entries(): readonly StoryEntry[] {
    this.#addEvent()
    return this.#newestFirst.toReversed()
  }

  #addEvent(): void {
    if (this.#eventOf === undefined) return
    const { data, context } = sourceOf(this.#eventOf.content?.payload ?? '', this.#eventOf.content?.context ?? '')
    this.#newestFirst.push({ kind: 'event', of: this.#eventOf, data, context })
    this.#eventOf = undefined
  }
}

/** What a webhook would be sent for a delivery's event. */
export function shownOf({ webhook, renderShown }: PlannedWebhook, { payload, context }: DeliveryContent): ShownRequest {
  return shown(webhook.endpoint.origin, renderShown, sourceOf(payload, context))
}

function shown(origin: string, render: RenderRequest, source: DataSource): ShownRequest {
  return { origin, rendered: render(source) }
}

function sizeOf({ rendered }: ShownRequest): number {
  return rendered.kind === 'invalid' ? 0 : rendered.path.length + (rendered.body?.length ?? 0)
}

function sourceOf(payload: string, context: string): DataSource {
  return { data: objectOf(payload), context: objectOf(context) }
}

function objectOf(text: string): DataPoints {
  const value = text === '' ? NO_DATA : parseOwnJson(text)
  return isDataObject(value) ? value : NO_DATA
}

function keyOf(id: string): string {
  return id.slice(0, KEY_LENGTH)
}

/** Whether what has id `a` came before what has id `b`. */
function isBefore(a: string, b: string): boolean {
  if (keyOf(a) !== keyOf(b)) return keyOf(a) < keyOf(b)
  return Number(a.slice(KEY_LENGTH + 1)) < Number(b.slice(KEY_LENGTH + 1))
}
