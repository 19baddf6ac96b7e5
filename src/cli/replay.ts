/**
 * `switchhook replay`: sends ended deliveries of a webhook again, by the time of their events.
 */
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { counted, oneLine, print, printJson } from './output.ts'

/** Replays, and tells how many. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'replay',
    forms: [
      'replay WEBHOOK [--since TIME] [--until TIME] [--state dead|delivered] [--json]\n' +
        '[--url URL | --config FILE]',
    ],
    about:
      'Sends the dead letters of a webhook again, in the order accepted and under the same webhook-id. Ends when all of\n' +
      'them wait, durably, which takes a minute or two for a million.',
    words: [{ name: 'WEBHOOK', completes: 'webhook' }],
    options: {
      since: {
        kind: 'text',
        value: 'TIME',
        help: 'events accepted from then on: 2026-11-21T08:00:00Z, or how long ago: 30m, 2h, 7d;\ndefault: from the first',
      },
      until: { kind: 'text', value: 'TIME', help: 'events accepted before; default now' },
      state: {
        kind: 'choice',
        choices: ['dead', 'delivered'],
        help: 'delivered: what was delivered, once more; needs --since. Default dead',
      },
      json: { kind: 'flag', help: 'how many, as one JSON object' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('manage'),
    example: 'replay crm --since 2h',
  },
  async ({ words: [webhook = ''], options }) => {
    const { since, until, state } = options
    const order = {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(state === undefined ? {} : { state }),
    }
    const replayed = await withEngine(options, (client) => client.replay(webhook, order))
    const many = counted(replayed, 'delivery', 'deliveries')
    if (options.json) printJson({ replayed })
    else print(oneLine(`${many} of ${webhook} ${replayed === 1 ? 'is' : 'are'} sent again`))
    return 0
  },
)
