/**
 * The story of a call as text: what it carries along, then each event, delivery and decision in order, with what was sent and
 * what came back below. Called by `switchhook calls`.
 */
import type { CallEntry, CallPage, CallTry, ShownRequest } from '../client/client.ts'
import { attemptText, phasesText, STATE_STYLES } from './delivery-text.ts'
import { manyLines, oneLine, paint } from './output.ts'
import { wireText } from './wire-text.ts'

type EntryOf<Kind extends CallEntry['kind']> = Extract<CallEntry, { readonly kind: Kind }>

/** Without a final line feed. */
export function callText({ subject, account, context, entries }: CallPage): string {
  const head = `${paint('heading', `call ${oneLine(subject)}`)}  account ${oneLine(account)}`
  const carried = Object.keys(context).length === 0 ? [] : [`it carries ${jsonLine(context)}`]
  return [[head, ...carried].join('\n'), ...entries.map(entryText)].join('\n\n')
}

function entryText(entry: CallEntry): string {
  switch (entry.kind) {
    case 'event':
      return eventText(entry)
    case 'delivery':
      return deliveryText(entry)
    case 'decision':
      return decisionText(entry)
  }
}

function eventText({ time, type, id, source, data }: EntryOf<'event'>): string {
  return [
    `${headOf(time, 'event')}  ${oneLine(type)}  ${paint('quiet', oneLine(`${id} from ${source}`))}`,
    indented(jsonLine(data)),
  ].join('\n')
}

function deliveryText({
  time,
  webhook,
  state,
  reason,
  held,
  dueAt,
  id,
  request,
  attempts,
}: EntryOf<'delivery'>): string {
  const why = [
    ...(reason === undefined ? [] : [oneLine(reason)]),
    ...(held === undefined ? [] : [oneLine(`held: ${held.reason}`)]),
    ...(state === 'pending' && held === undefined && dueAt !== undefined ? [`next attempt ${dueAt}`] : []),
  ]
  const stands = paint(STATE_STYLES[state], state)
  const head = [headOf(time, 'delivery'), oneLine(webhook), stands, ...why, paint('quiet', oneLine(id))].join('  ')
  return [head, ...sent(request), ...attempts.map((attempt) => indented(attemptText(attempt)))].join('\n')
}

function decisionText(entry: EntryOf<'decision'>): string {
  const { time, webhook, decision, durationMs, event, data, deliveryId, requests } = entry
  const { kind, ...members } = decision
  const told = [paint(kind === 'backup' ? 'bad' : 'good', kind), `${durationMs.toFixed(1)} ms`]
  const head = [
    headOf(time, 'decision'),
    oneLine(webhook),
    ...told,
    oneLine(event.type),
    paint('quiet', oneLine(deliveryId)),
  ].join('  ')
  const lines = [head, ...(data === undefined ? [] : [indented(jsonLine(data))]), ...requests.flatMap(tryLines)]
  return [...lines, ...(Object.keys(members).length === 0 ? [] : [indented(`decides ${jsonLine(members)}`)])].join('\n')
}

function tryLines({
  fallback,
  status,
  durationMs,
  reason,
  error,
  answer,
  phases = {},
  request,
}: CallTry): readonly string[] {
  const whom = fallback === true ? 'the fallback' : 'the server'
  const took = durationMs === undefined ? '' : ` after ${durationMs.toFixed(1)} ms`
  const how =
    status === undefined
      ? `${whom} had not answered by then`
      : `${whom}: ${status === 0 ? (reason ?? 'no answer') : `HTTP ${status}`}${took}`
  const spent = phasesText(phases)
  return [
    ...sent(request),
    indented(spent === '' ? how : `${how}  ${paint('quiet', spent)}`),
    ...(error === undefined ? [] : [indented(`  ${oneLine(error)}`)]),
    ...(answer === undefined || answer === '' ? [] : [quotedBody(answer)]),
  ]
}

function sent(request: ShownRequest | undefined): readonly string[] {
  if (request === undefined) return []
  if ('invalid' in request) return [indented(`could not be sent safely: ${oneLine(request.invalid)}`)]
  return [indented(wireText(request))]
}

function headOf(time: string, kind: CallEntry['kind']): string {
  return `${paint('quiet', oneLine(time.replace('T', ' ')))}  ${paint('heading', kind)}`
}

function quotedBody(text: string): string {
  const lines = manyLines(text).trimEnd().split('\n')
  return indented(lines.map((line) => `  | ${line}`).join('\n'))
}

function jsonLine(value: unknown): string {
  return oneLine(JSON.stringify(value))
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
}
