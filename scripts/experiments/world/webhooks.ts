/**
 * The webhooks of the experiments that upset the machine below the engine, and how their servers behave.
 */

/** How a webhook's server treats requests. */
export interface Manner {
  /** The first attempt at every so many-th event is answered with 503; 0: none is. */
  readonly refusesFirstOfEvery: number
  /** Every attempt at every so many-th event is answered with 400, until none are left; 0: none is. */
  readonly refusesAllOfEvery: number
  /** Time until an answer. */
  readonly delayMs: number
}

/** A webhook and its server. */
export interface WorldWebhook {
  readonly id: string
  readonly manner: Manner
  /** Its keys in the configuration beside those that all have. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** The webhook whose requests keep the order of their call. */
export const ORDERED = 'ordered'
/** The webhook that lets out a limited number a second. */
export const RATED = 'rated'
/** The webhook that is deactivated while it has deliveries. */
export const HELD = 'held'
/** The webhook whose server is away when it is told to. */
export const AWAY = 'away'
/** The webhook whose first attempts fail at times, and which tries again {@link RETRY_MS} later. */
export const RETRIED = 'retried'
/** The webhook of live calls. */
export const INVOKED = 'asked'

/** Until the next attempt of {@link RETRIED}, without jitter. */
export const RETRY_MS = 2000

/** Requests a second of {@link RATED}: somewhat more than it gets in all, less than it gets at times. */
export const RATE_PER_SECOND = 40

/** Every so many-th event is one of {@link RATED} too, which could not keep up with all of them. */
const RATED_EVERY = 4

/** The type of an event. */
export function typeOf(number: number): 'call.end' | 'call.step' {
  return number % RATED_EVERY === 0 ? 'call.end' : 'call.step'
}

/** Whether an event triggers a webhook that is active. */
export function triggers(number: number, webhook: string): boolean {
  return webhook !== RATED || typeOf(number) === 'call.end'
}

const TAKES_ALL: Manner = { refusesFirstOfEvery: 0, refusesAllOfEvery: 0, delayMs: 0 }
const SECONDS = (count: number): readonly string[] => ['0s', ...Array.from({ length: count }, () => `${RETRY_MS}ms`)]

/** All webhooks that events trigger. */
export const WEBHOOKS: readonly WorldWebhook[] = [
  { id: 'plain', manner: TAKES_ALL, settings: {} },
  { id: ORDERED, manner: { ...TAKES_ALL, refusesFirstOfEvery: 29 }, settings: { ordered: true } },
  { id: 'slow', manner: { ...TAKES_ALL, delayMs: 20 }, settings: { concurrency: 4 } },
  { id: RATED, manner: TAKES_ALL, settings: { rate: `${RATE_PER_SECOND}/s` } },
  { id: HELD, manner: TAKES_ALL, settings: { retry: { schedule: ['0s', ...Array.from({ length: 40 }, () => '5s')] } } },
  { id: AWAY, manner: TAKES_ALL, settings: { circuit: { failures: 6, within: '60s', probe: '500ms' } } },
  {
    id: RETRIED,
    manner: { ...TAKES_ALL, refusesFirstOfEvery: 5 },
    settings: { retry: { schedule: SECONDS(8), jitter: 0 } },
  },
  {
    id: 'brittle',
    manner: { ...TAKES_ALL, refusesAllOfEvery: 10 },
    settings: { retry: { schedule: ['0s', '50ms'], jitter: 0 } },
  },
]

/** Where events and deliveries are kept. */
export interface StorePlace {
  readonly path: string
  readonly minFree: string
}

/** The configuration as text; `originOf` gives the address of a webhook's server. */
export function configurationOf(store: StorePlace, originOf: (webhook: string) => string): string {
  const configuration = {
    // What ended is kept for longer than the clock is ever stepped: nothing may be forgotten.
    store: { engine: 'embedded', ...store, retention: { delivered: '3h', dead: '3h' } },
    network: { allow: ['127.0.0.0/8'] },
    dataPoints: ['event_number', 'note'].map((name) => ({ name, description: 'Of the experiment', example: '1' })),
    webhooks: [
      { id: INVOKED, profile: 'dialogtech-ivr', answer: 'message', url: originOf(INVOKED) },
      ...WEBHOOKS.map(({ id, settings }) => ({
        id,
        profile: 'custom',
        on: id === RATED ? ['call.end'] : ['call.end', 'call.step'],
        url: originOf(id),
        method: 'POST',
        body: '{ "event": "%event_number%", "note": "%note%" }',
        retry: { schedule: ['0s', '100ms', '200ms', ...Array.from({ length: 40 }, () => '400ms')] },
        circuit: 'off',
        ...settings,
      })),
    ],
  }
  // JSON is YAML as well.
  return JSON.stringify(configuration, undefined, 2)
}

/** A text of 600 bytes that belongs to an event: what arrives is compared with it. */
export function noteOf(number: number): string {
  return `${number} é <%> `.repeat(80).slice(0, 590)
}
