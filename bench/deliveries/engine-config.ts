/**
 * The engine's configuration in the benches: one webhook for the calls of the benches, or any number, each with
 * its own type of events, checked by the code that reads configuration files. Whatever else is configured keeps its default.
 */
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'
import { SharedParts } from '../../src/config/shared-parts.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import type { Listening } from '../tracing/counting-provider.ts'
import { BODY_POINTS, EVENT_TYPE } from '../traffic/call-data.ts'
import { IN_FLIGHT } from './in-flight.ts'
import { REQUEST_PATH } from './prepared-request.ts'

/** What a bench's engine is to be like. */
export interface EngineWish {
  readonly store: 'memory' | 'embedded'
  /** Folder of an embedded store. */
  readonly folder: string
  /** Where webhooks' servers are, in turn. */
  readonly origins: readonly string[]
  /** Path and query of every webhook's URL; default that of all benches. */
  readonly path?: string
  /** Whether it counts metrics and writes its log, as one in use does; default: it counts, and logs nothing but errors. */
  readonly recording?: 'on' | 'off'
  /** Who listens to its spans; default: it makes none. */
  readonly tracing?: Listening
  /** How many webhooks there are; default 1. */
  readonly webhooks?: number
  /** Where live calls go; default: where the first webhook's deliveries do. */
  readonly liveOrigin?: string
}

/** The template of the benches as a user of Switchhook writes it. */
export const JSON_FORMAT: string = `{${BODY_POINTS.map((name) => `"${name}":"%${name}%"`).join(',')}}`

/** Id of the webhook that is invoked and triggered by nothing. */
export const LIVE_WEBHOOK = 'live'

/** Deliveries that may wait; a slice pours in more at once than an engine sends in the same time. */
const BACKLOG = 1_000_000

/** The type of events that trigger the webhook with this index: the first has the usual one. */
export function eventTypeOf(index: number): string {
  return index === 0 ? EVENT_TYPE : `to.${index}`
}

/** A webhook as a configuration has it, and as the API takes it. */
export function writtenWebhook(id: string, type: string, url: string): Readonly<Record<string, unknown>> {
  return { id, profile: 'custom', template: 'lead', method: 'POST', on: [type], url }
}

/** The configuration as a file would hold it. */
export function configText(wish: EngineWish): string {
  const { store, folder, webhooks = 1, liveOrigin = originOf(wish, 0) } = wish
  const all = Array.from({ length: webhooks }, (_, index) => writtenOf(wish, index))
  return JSON.stringify({
    listen: { host: '127.0.0.1', port: 0 },
    store: {
      engine: store,
      backlog: { perEndpoint: BACKLOG, total: BACKLOG },
      // Benches are not about disks: one that others have filled shall not stop them.
      ...(store === 'embedded' && { path: folder, minFree: '0B' }),
    },
    workers: 'auto',
    tracing: { enabled: wish.tracing !== undefined },
    network: { allow: ['127.0.0.0/8'], connections: { send: IN_FLIGHT } },
    templates: [{ id: 'lead', type: 'json', format: JSON_FORMAT }],
    webhooks: [
      { ...writtenWebhook(LIVE_WEBHOOK, 'never', `${liveOrigin}${REQUEST_PATH}`), answer: 'variables' },
      ...all,
    ],
  })
}

/**
 * The configuration as the engine takes it; throws with every mistake that stands in it. Beyond the first, webhooks are made
 * after it rather than read one by one, which takes long and is not what any bench measures.
 */
export function engineConfig(wish: EngineWish): EngineConfig {
  const { webhooks: count = 1 } = wish
  const result = parseConfig(configText({ ...wish, webhooks: 1 }), 'bench.yaml', {})
  if (result.kind === 'refused') throw new Error(result.issues.slice(0, 5).map(formatIssue).join('\n'))
  const { config } = result
  const model = config.webhooks[1]
  if (model === undefined) throw new Error('there is no webhook')
  const parts = new SharedParts()
  const further = Array.from({ length: count - 1 }, (_, index) => parts.of(webhookAfter(model, wish, index + 1)))
  const texts = further.map((_, index) => JSON.stringify(writtenOf(wish, index + 1)))
  return {
    ...config,
    webhooks: [...config.webhooks, ...further],
    webhookTexts: [...config.webhookTexts, ...texts],
  }
}

/** As if it had been read: nothing but texts is shared with the model, before parts are shared as reading shares them. */
function webhookAfter(model: Webhook, wish: EngineWish, index: number): Webhook {
  const id = idOf(index)
  const origin = originOf(wish, index)
  const { request, endpoint, trigger } = model
  const { body } = request
  return {
    ...model,
    id,
    name: id,
    trigger: { ...trigger, on: [eventTypeOf(index)] },
    // Those of one origin share it, as they do in a configuration that was read.
    endpoint: endpoint.origin === origin ? endpoint : { ...endpoint, id: origin, origin },
    request: {
      ...request,
      url: { ...request.url, text: urlOf(wish, index) },
      body: body.kind === 'template' ? { ...body, format: { ...body.format }, fields: { ...body.fields } } : body,
      headers: request.headers.map((header) => ({ ...header })),
    },
    scheduleMs: [...model.scheduleMs],
    success: model.success === 'any' ? 'any' : [...model.success],
  }
}

function writtenOf(wish: EngineWish, index: number): Readonly<Record<string, unknown>> {
  return writtenWebhook(idOf(index), eventTypeOf(index), urlOf(wish, index))
}

function idOf(index: number): string {
  return `lead-${index}`
}

function originOf({ origins }: EngineWish, index: number): string {
  return origins[index % origins.length] ?? ''
}

function urlOf(wish: EngineWish, index: number): string {
  return originOf(wish, index) + (wish.path ?? REQUEST_PATH)
}
