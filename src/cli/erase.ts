/**
 * `switchhook erase`: erases what is kept of a caller, by call or by telephone number: of a running engine over its API, or in
 * the folder of a store that nothing uses. Either way in small steps, so that it can be ended and begun again at any time.
 */
import { parseArgs } from 'node:util'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { ErasureSubject } from '../outbox/erasure.ts'
import { compileNumberMatch, NUMBER_RULE } from '../policy/telephone-number.ts'
import type { RunCommand } from './command.ts'
import { eraseInFolder } from './erase-in-folder.ts'
import { type EraseOrder, type EraseSums, eraseOverApi } from './erase-over-api.ts'

const HELP = `Usage: switchhook erase --call SUBJECT | --number NUMBER [--account ACCOUNT] [--dry-run]
                        [--url URL | --config FILE | --path FOLDER]

Erases the events of a call, or with a telephone number, with their deliveries, and the contexts of their calls.

  --call SUBJECT     all events with this subject
  --number NUMBER    all events with a value that is this number: '+1 555 123 4567' also finds 5551234567,
                     while 5551234567 finds only values with exactly these digits
  --account ACCOUNT  only of this account; default: of all that the token is for
  --dry-run          only tells what would be erased
  --url URL          where the engine listens; default the environment's SWITCHHOOK_URL, else http://127.0.0.1:8080
  --config FILE      where the engine listens stands in this configuration
  --path FOLDER      the folder of a store that no engine uses

The environment's SWITCHHOOK_TOKEN is a token with the right manage. Exit status 0: done; 1: it failed, what was done
stays done; 2: the command line can't be understood.

Example: switchhook erase --number '+1 555 123 4567' --dry-run`

/** Erases, and tells how much. */
export const run: RunCommand = async (args) => {
  const values = readArguments(args)
  if (values.help === true) {
    print(HELP)
    return 0
  }
  const order: EraseOrder = {
    of: subjectOf(values),
    isDryRun: values['dry-run'] === true,
    ...(values.account === undefined ? {} : { account: values.account }),
  }
  const { url, config, path } = values
  if ([url, config, path].filter((each) => each !== undefined).length > 1) {
    throw new SwitchhookError('usage', 'only one of --url, --config and --path can be given')
  }
  const sums = await (path === undefined ? eraseOverApi(order, { url, config }) : eraseInFolder(order, path))
  print(`${order.isDryRun ? 'would erase' : 'erased'} ${described(sums)}`)
  if (sums.events === 0 && order.of.kind === 'number' && !/^\s*(\+|00)/.test(order.of.number)) {
    process.stderr.write(
      'only values with exactly these digits were looked for; + and the country code find both ways\n',
    )
  }
  return 0
}

function described({ events, deliveries, pending }: EraseSums): string {
  const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
  const what = `${counted(events, 'event', 'events')} with ${counted(deliveries, 'delivery', 'deliveries')}`
  return `${what}, ${pending} of them pending`
}

function subjectOf({ call, number }: Arguments): ErasureSubject {
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

interface Arguments {
  readonly call?: string
  readonly number?: string
  readonly account?: string
  readonly url?: string
  readonly config?: string
  readonly path?: string
  readonly 'dry-run'?: boolean
  readonly help?: boolean
}

function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        call: { type: 'string' },
        number: { type: 'string' },
        account: { type: 'string' },
        url: { type: 'string' },
        config: { type: 'string' },
        path: { type: 'string' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new SwitchhookError('usage', `${messageOf(error)}; \`switchhook erase --help\` tells more`, { cause: error })
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
