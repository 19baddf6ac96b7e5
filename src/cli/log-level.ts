/**
 * `switchhook log-level`: at which level an engine logs, and another one from now on, without a restart.
 */
import { LOG_LEVELS } from '../logging/levels.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { print } from './output.ts'

/** Shows or changes. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'log-level',
    forms: ['log-level [LEVEL] [--url URL | --config FILE]'],
    about:
      'Shows at which level the engine logs, or with a LEVEL changes it from now on: until its next start, or until another\n' +
      'level stands in its configuration. debug tells of each attempt that failed, too.',
    words: [{ name: 'LEVEL', isOptional: true, choices: LOG_LEVELS }],
    options: ENGINE_OPTIONS,
    notes: `${tokenNote('manage')} To show it, read is enough; it is for all accounts.`,
    example: 'log-level',
  },
  async ({ words: [level], options }) => {
    const told = await withEngine(options, async (client) => {
      if (level === undefined) return await client.logLevel()
      return `${level}, before it was ${await client.setLogLevel(level)}`
    })
    print(told)
    return 0
  },
)
