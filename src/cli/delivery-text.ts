/**
 * A delivery in words: as a row of the table, and in full with its attempts. Called by `switchhook deliveries`, and in parts by
 * what else tells of deliveries.
 */
import type { Attempt, Delivery } from '../client/client.ts'
import { type Cell, manyLines, oneLine, paint, type Style, secondText, tableOf } from './output.ts'

/** How each state is shown. */
export const STATE_STYLES: Readonly<Record<Delivery['state'], Style>> = {
  pending: 'waiting',
  delivered: 'good',
  dead: 'bad',
}

/** The first row of the table. */
export const HEADINGS: readonly Cell[] = [
  'DELIVERY',
  'STATE',
  'WEBHOOK',
  'EVENT',
  'CALL',
  'ACCEPTED',
  'TRIES',
  'LAST',
].map((text) => ({ text, style: 'heading' }))

/** A delivery's row of the table. */
export function deliveryRow({
  id,
  state,
  webhook,
  event,
  acceptedAt,
  attempts,
  held,
  reason,
}: Delivery): readonly Cell[] {
  const last = attempts.at(-1)
  const why = held === undefined ? (last === undefined ? (reason ?? '') : resultText(last)) : `held: ${held.reason}`
  return [
    { text: id },
    { text: state, style: STATE_STYLES[state] },
    { text: webhook },
    { text: event.type },
    { text: event.subject === '' ? '-' : event.subject },
    { text: secondText(acceptedAt) },
    { text: String(attempts.length) },
    { text: why === '' ? '-' : why },
  ]
}

/** All about a delivery, its attempts below. */
export function deliveryText(delivery: Delivery): string {
  const { id, state, webhook, account, event, acceptedAt, dueAt, endedAt, reason, held, attempts } = delivery
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['delivery', id],
    ['state', reason === undefined ? state : `${state}, ${reason}`],
    [
      'held',
      held === undefined ? undefined : `${held.reason}${held.until === undefined ? '' : ` until ${held.until}`}`,
    ],
    ['webhook', webhook],
    ['account', account],
    ['event', `${event.type} ${event.id} from ${event.source}`],
    ['call', event.subject === '' ? undefined : event.subject],
    ['accepted', acceptedAt],
    ['due', dueAt],
    ['ended', endedAt],
  ]
  const rows = facts.flatMap(([name, value]): (readonly Cell[])[] => {
    if (value === undefined) return []
    const style = name === 'state' ? { style: STATE_STYLES[state] } : {}
    return [
      [
        { text: name, style: 'quiet' },
        { text: value, ...style },
      ],
    ]
  })
  const told = attempts.length === 0 ? ['there were no attempts yet'] : attempts.map(attemptText)
  return [tableOf(rows), ...told].join('\n\n')
}

/** An attempt in full: how it ended, where its time went, what came back. */
export function attemptText(attempt: Attempt): string {
  const { time, durationMs, phases, error, answer, result } = attempt
  const spent = phasesText(phases)
  const style = result === 'success' ? 'good' : 'bad'
  const head = `attempt ${attempt.attempt}  ${time}  ${paint(style, resultText(attempt))}  ${durationMs.toFixed(1)} ms`
  return [
    spent === '' ? head : `${head}  ${paint('quiet', spent)}`,
    ...(error === undefined ? [] : [`  ${oneLine(error)}`]),
    ...(answer === '' ? [] : [indented(manyLines(answer))]),
  ].join('\n')
}

/** `(queue 1.0, connect 2.3, firstByte 11.8)` in milliseconds, as many as happened; empty where none did. */
export function phasesText(phases: Attempt['phases']): string {
  const spent = Object.entries(phases).map(([name, ms]) => `${name.slice(0, -'Ms'.length)} ${ms.toFixed(1)}`)
  return spent.length === 0 ? '' : `(${spent.join(', ')})`
}

/** `200`, `status 500`, `connect-timeout`. */
export function resultText({ status, reason }: Attempt): string {
  if (reason === undefined) return String(status)
  return status === 0 ? reason : `${reason} ${status}`
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  | ${line}`)
    .join('\n')
}
