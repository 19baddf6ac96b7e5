/**
 * `switchhook render`: shows the request that a webhook would be sent, as it would stand on the wire: for the event of a file, for an
 * example of the catalogue, or for what a past delivery was about.
 */
import type { RenderAnswer, SwitchhookClient } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand, wrongChoice } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { readEventFile } from './event-file.ts'
import { DATA_OPTION, exampleWith, KINDS, PLATFORMS } from './example-event.ts'
import { print, printJson } from './output.ts'
import { wireText } from './wire-text.ts'

/** Renders, and prints the request. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'render',
    forms: [
      'render ID EVENT.json [--json] [--url URL | --config FILE]',
      'render ID --example PLATFORM KIND [--data NAME=VALUE]... [--json] ...',
      'render [ID] --delivery DELIVERY [--json] ...',
    ],
    about:
      'Shows the request that the webhook ID would be sent for an event; nothing is sent, and secrets are masked. The event\n' +
      'is that of a file, {"type":"call.end","data":{…}}, - being the standard input; with --example one that `trigger` would\n' +
      'play; with --delivery that of a past delivery, with the webhook as it is now, by default the one it went to.',
    words: [
      { name: 'ID', isOptional: true, completes: 'webhook' },
      { name: 'EVENT.json', isOptional: true, completes: 'file' },
    ],
    options: {
      example: {
        kind: 'choice',
        choices: PLATFORMS,
        value: 'PLATFORM',
        help: `an example event of that platform, of the KIND\n${KINDS.join(', ')}`,
      },
      data: DATA_OPTION,
      delivery: { kind: 'text', value: 'DELIVERY', help: 'id of a delivery; `switchhook deliveries` tells them' },
      json: { kind: 'flag', help: 'method, url, headers and body as one JSON object' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'render crm --example autoid call.end',
  },
  async ({ words: [id, second], options }) => {
    const ask = await questionOf(id, second, options)
    const request = await withEngine(options, ask)
    if (options.json) printJson(request)
    else print(wireText(request))
    return 0
  },
)

interface Choices {
  readonly example: string | undefined
  readonly data: readonly string[]
  readonly delivery: string | undefined
}

/** What the engine is asked; everything that is wrong with the command line is told before. */
async function questionOf(
  id: string | undefined,
  second: string | undefined,
  { example, data, delivery }: Choices,
): Promise<(client: SwitchhookClient) => Promise<RenderAnswer>> {
  if (data.length > 0 && example === undefined) fail('--data changes an example: --example PLATFORM KIND says which')
  if (delivery !== undefined) {
    if (example !== undefined || second !== undefined) fail('--delivery brings its event: leave the other one out')
    return async (client) => await client.renderDelivery(delivery, id ?? (await client.delivery(delivery)).webhook)
  }
  if (id === undefined) fail('ID is missing: whose request is it?')
  if (example === undefined) {
    if (second === undefined) fail('an event is missing: EVENT.json, --example PLATFORM KIND or --delivery DELIVERY')
    const event = await readEventFile(second)
    return (client) => client.render(id, event)
  }
  if (second === undefined) fail(`KIND is missing, one of ${KINDS.join(', ')}`)
  if (!KINDS.includes(second)) fail(`KIND ${wrongChoice(second, KINDS)}`)
  const event = JSON.stringify({ type: second, data: exampleWith(example, second, data) })
  return (client) => client.render(id, event)
}

function fail(message: string): never {
  throw new SwitchhookError('usage', `${message}; \`switchhook render --help\` tells more`)
}
