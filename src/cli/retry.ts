/**
 * `switchhook retry`: sends one delivery again, now.
 */
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { oneLine, print, printJson } from './output.ts'

/** Retries. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'retry',
    forms: ['retry ID [--json] [--url URL | --config FILE]'],
    about:
      'Sends the delivery ID again, now: a dead one with its schedule from the beginning, a delivered one once more, a\n' +
      'waiting one before its time. `switchhook deliveries` tells the ids.',
    words: [{ name: 'ID' }],
    options: { json: { kind: 'flag', help: 'id and state as one JSON object' }, ...ENGINE_OPTIONS },
    notes: tokenNote('manage'),
    example: 'retry 0665f3a1c8de00000000000001-0',
  },
  async ({ words: [id = ''], options }) => {
    await withEngine(options, (client) => client.retry(id))
    if (options.json) printJson({ id, state: 'pending' })
    else print(oneLine(`${id} is sent again`))
    return 0
  },
)
