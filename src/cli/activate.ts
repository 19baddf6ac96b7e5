/**
 * `switchhook activate`: lets a webhook be triggered, and what it holds go out.
 */
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { oneLine, print, printJson } from './output.ts'

/** Activates. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'activate',
    forms: ['activate ID [--json] [--url URL | --config FILE]'],
    about:
      'Activates the webhook ID: events trigger it again, and the deliveries that it holds go out. Outlasts a restart, and\n' +
      'goes before what the configuration says.',
    words: [{ name: 'ID', completes: 'webhook' }],
    options: { json: { kind: 'flag', help: 'id and activation as one JSON object' }, ...ENGINE_OPTIONS },
    notes: tokenNote('manage'),
    example: 'activate crm',
  },
  async ({ words: [id = ''], options }) => {
    await withEngine(options, (client) => client.activate(id))
    if (options.json) printJson({ id, active: true })
    else print(oneLine(`${id} is active`))
    return 0
  },
)
