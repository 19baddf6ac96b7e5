/**
 * `switchhook calls`: the whole story of a call as text, or the calls of which something happened last.
 */
import type { CallEntry, CallPage, RecentCall, SwitchhookClient } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import { callText } from './call-text.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { STATE_STYLES } from './delivery-text.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { type Cell, complain, print, printJson, secondText, tableOf } from './output.ts'

/** Entries of a story, or calls of the list, unless the command line says otherwise. */
const DEFAULT_LIMIT = 50

/** Most of either on a page of the API. */
const PAGE_SIZE = 100

/** Tells, or lists. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'calls',
    forms: [
      'calls SUBJECT [--account ACCOUNT] [--limit COUNT] [--json] [--url URL | --config FILE]',
      'calls [--account ACCOUNT] [--limit COUNT] [--json] ...',
    ],
    about:
      'Tells all that is known of the call SUBJECT, in order: its events, deliveries and decisions, each with what was sent and\n' +
      'what came back. Without SUBJECT lists the calls of which something happened last, the newest first.\n' +
      'Decisions are known for an hour, deliveries for as long as the engine keeps them.',
    words: [{ name: 'SUBJECT', isOptional: true }],
    options: {
      account: { kind: 'text', value: 'ACCOUNT', help: 'whose call; default: that of the token, else default' },
      limit: {
        kind: 'number',
        value: 'COUNT',
        least: 1,
        most: 10_000,
        help: `the latest so many deliveries and decisions; of calls at most ${PAGE_SIZE}. Default ${DEFAULT_LIMIT}`,
      },
      json: { kind: 'flag', help: 'the story as one JSON object; of the list, one a line' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'calls call-1',
  },
  async ({ words: [subject], options }) => {
    const { account, limit = DEFAULT_LIMIT, json } = options
    const whose = account === undefined ? {} : { account }
    if (subject === undefined) {
      if (limit > PAGE_SIZE) throw new SwitchhookError('usage', `--limit: at most ${PAGE_SIZE} calls are listed`)
      const calls = await withEngine(options, (client) => client.recentCalls({ ...whose, limit }))
      if (json) for (const call of calls) printJson(call)
      else if (calls.length > 0) print(listText(calls))
      else complain('nothing is known of any call')
      return 0
    }
    const story = await withEngine(options, (client) => storyOf(client, subject, whose, limit))
    if (json) printJson(story)
    else {
      print(callText(story))
      if (story.next !== null) complain(`there is more before this; --limit COUNT tells more than ${limit}`)
    }
    return 0
  },
)

/** The latest `limit` entries of a call, page by page; `next` as in the API. */
async function storyOf(
  client: SwitchhookClient,
  subject: string,
  whose: { readonly account?: string },
  limit: number,
): Promise<CallPage> {
  let page = await client.call(subject, { ...whose, limit: Math.min(limit, PAGE_SIZE) })
  let left = limit - countable(page.entries)
  while (left > 0 && page.next !== null) {
    const before = await client.call(subject, { ...whose, limit: Math.min(left, PAGE_SIZE), cursor: page.next })
    left -= countable(before.entries)
    page = {
      ...page,
      entries: [...before.entries, ...withoutRepeated(page.entries, before.entries)],
      next: before.next,
    }
  }
  return page
}

/** The API counts no events: each comes with its deliveries. */
function countable(entries: readonly CallEntry[]): number {
  return entries.filter(({ kind }) => kind !== 'event').length
}

/** An event stands on every page that has some of its deliveries. */
function withoutRepeated(entries: readonly CallEntry[], before: readonly CallEntry[]): readonly CallEntry[] {
  const [first, ...rest] = entries
  const last = before.findLast(({ kind }) => kind === 'event')
  const isRepeated =
    first?.kind === 'event' && last?.kind === 'event' && first.id === last.id && first.time === last.time
  return isRepeated ? rest : entries
}

const HEADINGS: readonly Cell[] = ['CALL', 'ACCOUNT', 'TIME', 'LAST', 'WEBHOOK', 'HOW IT STANDS'].map((text) => ({
  text,
  style: 'heading',
}))

function listText(calls: readonly RecentCall[]): string {
  return tableOf([HEADINGS, ...calls.map(rowOf)])
}

function rowOf({ subject, account, time, latest }: RecentCall): readonly Cell[] {
  const head = [{ text: subject }, { text: account }, { text: secondText(time) }]
  switch (latest.kind) {
    case 'delivery': {
      const { type, webhook, state } = latest
      return [...head, { text: type }, { text: webhook }, { text: state, style: STATE_STYLES[state] }]
    }
    case 'decision': {
      const { type, webhook, decision } = latest
      return [
        ...head,
        { text: type },
        { text: webhook },
        { text: decision, style: decision === 'backup' ? 'bad' : 'good' },
      ]
    }
  }
}
