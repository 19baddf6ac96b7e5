/**
 * `switchhook erase`: erases what is kept of a caller, by call or by telephone number: of a running engine over its API, or in
 * the folder of a store that nothing uses. Either way in small steps, so that it can be ended and begun again at any time.
 */
import type { EraseSums } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { ErasureSubject } from '../outbox/erasure.ts'
import { compileNumberMatch, NUMBER_RULE } from '../policy/telephone-number.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, type EngineAddress, tokenNote, withEngine } from './engine-access.ts'
import { type EraseOrder, eraseInFolder } from './erase-in-folder.ts'
import { complain, counted, print, printJson } from './output.ts'

/** Erases, and tells how much. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'erase',
    forms: [
      'erase --call SUBJECT | --number NUMBER [--account ACCOUNT] [--dry-run] [--json]\n' +
        '[--url URL | --config FILE | --path FOLDER]',
    ],
    about:
      'Erases the events of a call, or with a telephone number, with their deliveries, and the contexts of their calls.',
    words: [],
    options: {
      call: { kind: 'text', value: 'SUBJECT', help: 'all events with this subject' },
      number: {
        kind: 'text',
        value: 'NUMBER',
        help: `all events with a value that is this number: '+1 555 123 4567' also finds 5551234567,
while 5551234567 finds only values with exactly these digits`,
      },
      account: { kind: 'text', value: 'ACCOUNT', help: 'only of this account; default: of all that the token is for' },
      'dry-run': { kind: 'flag', help: 'only tells what would be erased' },
      json: { kind: 'flag', help: 'how much, as one JSON object' },
      ...ENGINE_OPTIONS,
      path: { kind: 'text', value: 'FOLDER', help: 'the folder of a store that no engine uses', completes: 'folder' },
    },
    notes: `${tokenNote('manage')} Exit status 0: done; 1: it failed, what was done
stays done; 2: the command line can't be understood.`,
    example: "erase --number '+1 555 123 4567' --dry-run",
  },
  async ({ options }) => {
    const { account, url, config, path } = options
    const order: EraseOrder = {
      of: subjectOf(options),
      isDryRun: options['dry-run'],
      ...(account === undefined ? {} : { account }),
    }
    if ([url, config, path].filter((each) => each !== undefined).length > 1) {
      throw new SwitchhookError('usage', 'only one of --url, --config and --path can be given')
    }
    const sums = await (path === undefined ? eraseOverApi(order, { url, config }) : eraseInFolder(order, path))
    if (options.json) printJson(sums)
    else print(`${order.isDryRun ? 'would erase' : 'erased'} ${described(sums)}`)
    if (sums.events === 0 && order.of.kind === 'number' && !/^\s*(\+|00)/.test(order.of.number)) {
      complain('only values with exactly these digits were looked for; + and the country code find both ways')
    }
    return 0
  },
)

async function eraseOverApi({ of, account, isDryRun }: EraseOrder, address: EngineAddress): Promise<EraseSums> {
  const whose = of.kind === 'call' ? { call: of.subject } : { number: of.number }
  const order = { ...whose, dryRun: isDryRun, ...(account === undefined ? {} : { account }) }
  const hint = 'a store that no engine uses is named by --path FOLDER'
  return await withEngine(address, (client) => client.erase(order), { hint })
}

function described({ events, deliveries, pending }: EraseSums): string {
  const what = `${counted(events, 'event')} with ${counted(deliveries, 'delivery', 'deliveries')}`
  return `${what}, ${pending} of them pending`
}

function subjectOf({
  call,
  number,
}: {
  readonly call: string | undefined
  readonly number: string | undefined
}): ErasureSubject {
  if ((call === undefined) === (number === undefined)) {
    throw new SwitchhookError('usage', 'either --call SUBJECT or --number NUMBER is expected; see --help')
  }
  if (number === undefined) {
    if (call === undefined || call === '') throw new SwitchhookError('usage', '--call: a call has a subject')
    return { kind: 'call', subject: call }
  }
  if (compileNumberMatch(number) === undefined) throw new SwitchhookError('usage', `--number: ${NUMBER_RULE}`)
  return { kind: 'number', number }
}
