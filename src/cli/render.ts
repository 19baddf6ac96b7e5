/**
 * `switchhook render`: shows the request that a webhook would be sent for an event, as it would stand on the wire.
 */
import type { RenderAnswer } from '../client/client.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { readEventFile } from './event-file.ts'
import { manyLines, oneLine, paint, print, printJson } from './output.ts'

/** Renders, and prints the request. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'render',
    forms: ['render ID EVENT.json [--json] [--url URL | --config FILE]'],
    about:
      'Shows the request that the webhook ID would be sent for an event; nothing is sent. EVENT.json holds one event,\n' +
      '{"type":"call.end","data":{…}}; - is the standard input.',
    words: [{ name: 'ID' }, { name: 'EVENT.json', completes: 'file' }],
    options: { json: { kind: 'flag', help: 'method, url, headers and body as one JSON object' }, ...ENGINE_OPTIONS },
    notes: tokenNote('read'),
    example: 'render crm event.json',
  },
  async ({ words: [id = '', file = ''], options }) => {
    const event = await readEventFile(file)
    const request = await withEngine(options, (client) => client.render(id, event))
    if (options.json) printJson(request)
    else print(wireText(request))
    return 0
  },
)

function wireText({ method, url, headers, body }: RenderAnswer): string {
  const fields = Object.entries(headers).map(([name, value]) => `${paint('quiet', `${name}:`)} ${oneLine(value)}`)
  const head = [paint('heading', `${method} ${oneLine(url)}`), ...fields].join('\n')
  return body === null || body === '' ? head : `${head}\n\n${manyLines(body)}`
}
