/**
 * The configuration of an engine under experiment: webhooks that are told apart by a number, and that tell the receivers by
 * their URL for whom a request is, which of the engine's processes sent it, and which event it brings.
 */
import { join } from 'node:path'
import type { Receivers } from './receivers.ts'

/** A webhook of the experiment. */
export interface NumberedWebhook {
  readonly number: number
  /** Types of the events that trigger it; default {@link eventTypeTo} it alone. */
  readonly on?: readonly string[]
  /** Where its server is, if not where those of most are. */
  readonly servers?: Receivers
  /** Keys beside those that all have. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The type of events that trigger this webhook alone. */
export function eventTypeTo(webhook: number): string {
  return `to.${webhook}`
}

/** The id of a webhook in the configuration. */
export function webhookId(webhook: number): string {
  return `webhook-${webhook}`
}

/** The configuration of an engine's process, by its number, as text. */
export type Configuration = (life: number) => string

/** Makes it; `backlog`: most deliveries that may wait. */
export function configurationOf(
  folder: string,
  webhooks: readonly NumberedWebhook[],
  receivers: Receivers,
  backlog: number,
): Configuration {
  // JSON is YAML as well.
  return (life) => JSON.stringify(configurationOfLife(life, folder, webhooks, receivers, backlog), undefined, 2)
}

function configurationOfLife(
  life: number,
  folder: string,
  webhooks: readonly NumberedWebhook[],
  receivers: Receivers,
  backlog: number,
): object {
  return {
    // It is not about disks: one that others have filled shall not stop it.
    store: {
      engine: 'embedded',
      path: join(folder, 'store'),
      minFree: '0B',
      backlog: { perEndpoint: backlog, total: backlog },
    },
    network: { allow: ['127.0.0.0/8'] },
    dataPoints: ['event_number', 'note'].map((name) => ({ name, description: 'Of the experiment', example: '1' })),
    webhooks: webhooks.map(({ number, on, servers, settings }) => ({
      id: webhookId(number),
      profile: 'custom',
      on: on ?? [eventTypeTo(number)],
      url: `${(servers ?? receivers).originOf(number)}/${number}/${life}?event=%event_number%`,
      method: 'POST',
      body: '{ "event": "%event_number%", "note": "%note%" }',
      ...settings,
    })),
  }
}
