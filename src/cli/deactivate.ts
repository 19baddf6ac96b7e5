/**
 * `switchhook deactivate`: holds a webhook's deliveries until it is activated again.
 */
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { oneLine, print, printJson } from './output.ts'

/** Deactivates. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'deactivate',
    forms: ['deactivate ID [--json] [--url URL | --config FILE]'],
    about:
      'Deactivates the webhook ID: events trigger it no more, its deliveries are held and none is lost; live calls that ask it\n' +
      'get backup. Outlasts a restart, until `switchhook activate ID`.',
    words: [{ name: 'ID', completes: 'webhook' }],
    options: { json: { kind: 'flag', help: 'id and activation as one JSON object' }, ...ENGINE_OPTIONS },
    notes: tokenNote('manage'),
    example: 'deactivate crm',
  },
  async ({ words: [id = ''], options }) => {
    await withEngine(options, (client) => client.deactivate(id))
    if (options.json) printJson({ id, active: false })
    else print(oneLine(`${id} is not active; \`switchhook activate ${id}\` lets it go on`))
    return 0
  },
)
