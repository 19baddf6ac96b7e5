/**
 * `switchhook tail`: tells what happens while it does, a line for each event, decision and step of a delivery. Remarks about the
 * connection, and about what could not be told, go to the standard error.
 */
import type { Happening, SwitchhookClient } from '../client/client.ts'
import { formatDuration } from '../config/units.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { happeningLine } from './happening-line.ts'
import { complain, counted, print, printJson, taken } from './output.ts'

/** A week: whoever watches for longer leaves it out. */
const MOST_TIME_MS = 604_800_000

/** Watches until it is told to end. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'tail',
    forms: [
      'tail [--webhook ID] [--type TYPE] [--account ACCOUNT] [--call SUBJECT]\n' +
        '[--for DURATION] [--count COUNT] [--json] [--url URL | --config FILE]',
    ],
    about:
      'Tells what happens while it does: each event that is accepted, each decision, each attempt of a delivery. Connects anew\n' +
      'where the connection is lost, and says so. Ends at Ctrl-C.',
    words: [],
    options: {
      webhook: {
        kind: 'text',
        value: 'ID',
        help: 'only decisions and deliveries of this webhook',
        completes: 'webhook',
      },
      type: { kind: 'text', value: 'TYPE', help: 'only of events of this type: call.end' },
      account: { kind: 'text', value: 'ACCOUNT', help: 'only of this account' },
      call: { kind: 'text', value: 'SUBJECT', help: 'only of this call' },
      for: { kind: 'duration', value: 'DURATION', mostMs: MOST_TIME_MS, help: 'end after this time: 10s, 5m' },
      count: {
        kind: 'number',
        value: 'COUNT',
        least: 1,
        most: 1_000_000_000,
        help: 'end after so many lines; with --for, exit status 1 where they did not come in time',
      },
      json: { kind: 'flag', help: 'each as one JSON object a line' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'tail --webhook crm --for 10s',
  },
  async ({ options }) => await withEngine(options, (client, url) => follow(client, url, options)),
)

interface Choices {
  readonly webhook: string | undefined
  readonly type: string | undefined
  readonly account: string | undefined
  readonly call: string | undefined
  readonly for: number | undefined
  readonly count: number | undefined
  readonly json: boolean
}

async function follow(client: SwitchhookClient, url: string, choices: Choices): Promise<ExitStatus> {
  const { webhook, type, account, call, count, json } = choices
  const filter = {
    ...(webhook === undefined ? {} : { webhook }),
    ...(type === undefined ? {} : { type }),
    ...(account === undefined ? {} : { account }),
    ...(call === undefined ? {} : { subject: call }),
  }
  const end = new AbortController()
  const stop = (): void => end.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const timer = choices.for === undefined ? undefined : setTimeout(stop, choices.for)
  let told = 0
  try {
    const happenings = client.watch(filter, {
      signal: end.signal,
      onConnect: () => complain(`watching ${url}`),
      onBreak: ({ message }, waitMs) =>
        complain(`${message}; what happens meanwhile is not told; connecting again in ${formatDuration(waitMs)}`),
    })
    for await (const happening of happenings) {
      tell(happening, json)
      // What a slow reader does not take waits in the engine, which leaves it out, and not here without end.
      await taken(end.signal)
      if (happening.kind !== 'dropped') told += 1
      if (told === count) break
    }
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  return count === undefined || choices.for === undefined || told === count ? 0 : 1
}

function tell(happening: Happening, isJson: boolean): void {
  if (isJson) printJson(happening)
  if (happening.kind === 'dropped') {
    complain(`too fast for this reader: ${counted(happening.count, 'line')} left out here`)
  } else if (!isJson) print(happeningLine(happening))
}
