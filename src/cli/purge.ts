/**
 * `switchhook purge`: removes ended deliveries for good, before their retention would.
 */
import { SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { counted, print, printJson } from './output.ts'

/** Purges, and tells how many. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'purge',
    forms: ['purge --state dead|delivered --before TIME [--webhook ID] [--json]\n[--url URL | --config FILE]'],
    about:
      'Removes deliveries that have ended for good; they can not be looked at or sent again any more. What is pending stays.\n' +
      'State and time have to be named, since nothing brings back what is gone.',
    words: [],
    options: {
      state: { kind: 'choice', choices: ['dead', 'delivered'], help: 'which: dead letters, or what was delivered' },
      before: {
        kind: 'text',
        value: 'TIME',
        help: 'those that ended before: 2026-11-21T08:00:00Z, or how long ago: 30m, 7d',
      },
      webhook: {
        kind: 'text',
        value: 'ID',
        help: 'only of this webhook, which need not exist any more',
        completes: 'webhook',
      },
      json: { kind: 'flag', help: 'how many, as one JSON object' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('manage'),
    example: 'purge --state dead --before 7d --webhook crm',
  },
  async ({ options }) => {
    const { state, before, webhook } = options
    if (state === undefined || before === undefined) {
      const missing = state === undefined ? '--state dead or delivered' : '--before TIME'
      throw new SwitchhookError('usage', `${missing} is missing; \`switchhook purge --help\` tells more`)
    }
    const order = { state, before, ...(webhook === undefined ? {} : { webhook }) }
    const purged = await withEngine(options, (client) => client.purge(order))
    if (options.json) printJson({ purged })
    else print(`${counted(purged, 'delivery', 'deliveries')} ${purged === 1 ? 'is' : 'are'} gone`)
    return 0
  },
)
