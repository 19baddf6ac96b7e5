/**
 * The webhooks of the experiment, how their servers behave, and the configuration made of them. A webhook's URL carries the
 * number of the engine's life, so that every request tells which process sent it; URL and content carry the number of the
 * configuration, so that one that is made of two shows.
 */

/** How a server treats requests until everything is let through. */
export interface Manner {
  /** Least and most time until an answer. */
  readonly delayMs: readonly [least: number, most: number]
  /** Shares of requests that get a 503, no answer at all, a broken connection. */
  readonly refused: number
  readonly unanswered: number
  readonly broken: number
  /** True: at times it breaks every connection for a while, so that its circuit opens. */
  readonly hasOutages: boolean
}

/** A webhook and its server. */
export interface CrashWebhook {
  readonly id: string
  /** Types of the events that trigger it. */
  readonly on: readonly EventType[]
  readonly manner: Manner
  /** How events reach the server. */
  readonly carries: 'json' | 'form' | 'query'
  /** Its keys in the configuration beside those that all have and those of its content. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** A call begins, goes through some steps, and ends. */
export type EventType = 'call.begin' | 'call.step' | 'call.end'

/** The webhook whose requests keep the order of their call. */
export const ORDERED_WEBHOOK = 'ordered'

/** The webhook of live calls. */
export const INVOKED_WEBHOOK = 'ask'

/** The webhook that is deactivated now and then; events of its type are made into one delivery less meanwhile. */
export const SWITCHED_WEBHOOK = 'switched'

/** Attempts enough to outlast every disturbance, close to each other: a run shall not wait for a schedule. */
const PATIENT = ['0s', '20ms', '50ms', '100ms', '200ms', ...Array.from({ length: 60 }, () => '400ms')]

const GOOD: Manner = { delayMs: [0, 2], refused: 0.04, unanswered: 0.005, broken: 0.03, hasOutages: false }

/** All webhooks that events trigger. */
export const WEBHOOKS: readonly CrashWebhook[] = [
  {
    id: ORDERED_WEBHOOK,
    on: ['call.begin', 'call.step', 'call.end'],
    manner: GOOD,
    carries: 'json',
    settings: { profile: 'custom', method: 'POST', ordered: true },
  },
  {
    id: 'form',
    on: ['call.step', 'call.end'],
    manner: GOOD,
    carries: 'form',
    settings: { profile: 'custom', method: 'POST' },
  },
  {
    id: 'slow',
    on: ['call.end'],
    manner: { ...GOOD, delayMs: [20, 150] },
    carries: 'query',
    settings: { profile: 'custom', method: 'GET', concurrency: 32 },
  },
  {
    id: 'outages',
    on: ['call.begin'],
    manner: { ...GOOD, hasOutages: true },
    carries: 'json',
    settings: { profile: 'custom', method: 'PUT' },
  },
  {
    id: SWITCHED_WEBHOOK,
    on: ['call.begin'],
    manner: GOOD,
    carries: 'form',
    settings: { profile: 'custom', method: 'POST' },
  },
  {
    // Gives up after two attempts, so that there are dead letters.
    id: 'brittle',
    on: ['call.end'],
    manner: { ...GOOD, refused: 0.35 },
    carries: 'form',
    settings: { profile: 'dialogtech-post-call', retry: { schedule: ['0s', '50ms'] } },
  },
]

/** The webhooks that an event of this type triggers. */
export function triggeredBy(type: EventType): readonly CrashWebhook[] {
  return WEBHOOKS.filter(({ on }) => on.includes(type))
}

/** A text of 0 to about 1,500 characters that belongs to an event: what arrives is compared with it. */
export function noteOf(eventNumber: number): string {
  const part = `${eventNumber} "é" & <%> \\ `
  return part.repeat((Math.imul(eventNumber, 0x9e3779b1) >>> 0) % Math.ceil(1500 / part.length)).trimEnd()
}

/** Where events and deliveries are kept. */
export type StoreSettings =
  | { readonly engine: 'memory' }
  | { readonly engine: 'embedded'; readonly path: string; readonly minFree: string }

/** What a webhook sends of an event. */
function contentOf({ carries }: CrashWebhook, generation: number): Readonly<Record<string, unknown>> {
  if (carries === 'json') {
    return { body: `{ "event": "%event_number%", "note": "%note%", "generation": "${generation}" }` }
  }
  return { params: { event: 'event_number', note: 'note', generation: { value: String(generation) } } }
}

/** The configuration of one life, the `generation`-th of all; `originOf` gives the address of a webhook's server. */
export function configurationOf(
  life: number,
  generation: number,
  store: StoreSettings,
  originOf: (webhook: string) => string,
): string {
  const urlOf = (id: string): string => `${originOf(id)}/?life=${life}&reload=${generation}`
  const configuration = {
    store,
    network: { allow: ['127.0.0.0/8'] },
    dataPoints: ['event_number', 'note'].map((name) => ({ name, description: 'Of the experiment', example: '1' })),
    webhooks: [
      { id: INVOKED_WEBHOOK, profile: 'dialogtech-ivr', answer: 'message', url: urlOf(INVOKED_WEBHOOK) },
      ...WEBHOOKS.map((webhook) => ({
        id: webhook.id,
        url: urlOf(webhook.id),
        // The most there is: an engine that gives up on these servers because they are slow would make duplicates of its own.
        timeouts: { connect: '5s', response: '5s' },
        retry: { schedule: PATIENT },
        circuit: { failures: 6, within: '60s', probe: '100ms' },
        ...(webhook.settings['profile'] === 'custom' ? { on: webhook.on } : {}),
        ...webhook.settings,
        ...contentOf(webhook, generation),
      })),
    ],
  }
  // JSON is YAML as well.
  return JSON.stringify(configuration, undefined, 2)
}
