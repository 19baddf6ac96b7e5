/**
 * `switchhook stats`: how an engine stands at the moment, in a few lines, what is wrong last.
 */
import type { Stats } from '../client/client.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { type Cell, counted, print, printJson, type Style, tableOf } from './output.ts'

/** Shows. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'stats',
    forms: ['stats [--json] [--url URL | --config FILE]'],
    about:
      'Shows how the engine stands: what waits, what was sent, which webhooks and endpoints are held and why. Counts are since\n' +
      'its start, latencies of the last minute or two.',
    words: [],
    options: { json: { kind: 'flag', help: 'all figures as one JSON object' }, ...ENGINE_OPTIONS },
    notes: tokenNote('read'),
    example: 'stats',
  },
  async ({ options }) => {
    const stats = await withEngine(options, (client) => client.stats())
    if (options.json) printJson(stats)
    else print(tableOf(statsRows(stats)))
    return 0
  },
)

function statsRows(stats: Stats): readonly (readonly Cell[])[] {
  const { accounts, readiness = [], config, webhooks, calls, deactivated, circuits, held } = stats
  const unready = readiness.filter(({ ready }) => !ready)
  const refused = config?.lastReload?.result === 'refused' ? config.lastReload : undefined
  return [
    ...(accounts === undefined ? [] : [row('accounts', accounts.join(', '))]),
    ...(readiness.length === 0 || unready.length > 0 ? [] : [row('ready', 'yes', 'good')]),
    row('outbox', outboxText(stats)),
    ...(stats.events === undefined ? [] : [row('events', figure(stats.events))]),
    ...(stats.attempts === undefined
      ? []
      : [row('attempts', `${figure(stats.attempts)}, ${figure(stats.retries ?? 0)} of them to be made again`)]),
    ...(stats.invokes === undefined ? [] : [row('invokes', invokesText(stats))]),
    ...(calls === undefined ? [] : [row('calls', `${figure(calls)} with a context`)]),
    row('webhooks', figure(webhooks)),
    ...unready.map(({ name, detail }) => row('not ready', `${name}: ${detail}`, 'bad')),
    ...(refused === undefined
      ? []
      : [row('reload', `refused at ${refused.at}: ${counted(refused.issues.length, 'mistake')}`, 'bad')]),
    ...(config?.leftOut ?? []).map(({ kind, id, issues }) =>
      row('left out', `${kind} ${id}: ${issues.join('; ')}`, 'bad'),
    ),
    ...deactivated.map(({ webhook, reason, since }) =>
      row('not active', `${webhook} by ${reason}${since === undefined ? '' : ` since ${since}`}`, 'waiting'),
    ),
    ...circuits.map(({ endpoint, account, state, since, reason, nextProbe }) => {
      const probe = nextProbe === undefined ? '' : `, next probe ${nextProbe}`
      return row('circuit', `${endpoint} of ${account} ${state} since ${since}, ${reason}${probe}`, 'bad')
    }),
    ...held.webhooks.map(({ webhook, reason, deliveries }) =>
      row('held', `${counted(deliveries, 'delivery', 'deliveries')} of ${webhook}: ${reason}`, 'waiting'),
    ),
  ]
}

function outboxText({ outbox: { pending, delivered, dead }, inFlight }: Stats): string {
  return [
    `${figure(pending)} pending${inFlight === undefined ? '' : ` (${figure(inFlight)} in flight)`}`,
    ...(delivered === undefined ? [] : [`${figure(delivered)} delivered`]),
    ...(dead === undefined ? [] : [`${figure(dead)} dead`]),
  ].join(', ')
}

function invokesText({ invokes = 0, invokeP50Ms, invokeP99Ms }: Stats): string {
  if (invokeP50Ms === undefined || invokeP99Ms === undefined) return figure(invokes)
  return `${figure(invokes)}, half of them within ${invokeP50Ms.toFixed(1)} ms, 99 % within ${invokeP99Ms.toFixed(1)} ms`
}

function figure(count: number): string {
  return count.toLocaleString('en-US')
}

function row(name: string, text: string, style?: Style): readonly Cell[] {
  const value = { text, isWhole: true } as const
  return [{ text: name, style: 'quiet' }, style === undefined ? value : { ...value, style }]
}
