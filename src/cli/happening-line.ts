/**
 * What happened as one line: time, what, whose, how it stands, which call. Called by `switchhook tail`.
 */
import type { Delivery, Happening } from '../client/client.ts'
import { resultText, STATE_STYLES } from './delivery-text.ts'
import { clockText, counted, oneLine, paint, secondText } from './output.ts'

/** Width of the second column. */
const KIND_LENGTH = 8

/** A line without its end; `dropped` is told elsewhere. */
export function happeningLine(happening: Exclude<Happening, { readonly kind: 'dropped' }>): string {
  const head = `${paint('quiet', clockText(happening.time))}  ${happening.kind.padEnd(KIND_LENGTH)}`
  const account = happening.account === 'default' ? [] : [oneLine(`[${happening.account}]`)]
  return [head, ...parts(happening), ...account].join('  ')
}

function parts(happening: Exclude<Happening, { readonly kind: 'dropped' }>): readonly string[] {
  switch (happening.kind) {
    case 'event': {
      const { type, id, subject, deliveries } = happening
      const made = counted(deliveries, 'delivery', 'deliveries')
      return [oneLine(type), deliveries === 0 ? paint('waiting', made) : made, ...callOf(subject), quietId(id)]
    }
    case 'decision': {
      const { webhook, decision, durationMs, event, deliveryId } = happening
      const isBackup = decision.kind === 'backup'
      const why = isBackup ? [oneLine(`${decision.reason}: ${decision.detail}`)] : []
      const kind = paint(isBackup ? 'bad' : 'good', decision.kind)
      return [
        oneLine(webhook),
        kind,
        ...why,
        `${durationMs.toFixed(1)} ms`,
        ...callOf(event.subject),
        quietId(deliveryId),
      ]
    }
    case 'delivery': {
      const { webhook, state, reason, event, id } = happening
      const why = reason === undefined || reason === happening.attempts.at(-1)?.reason ? [] : [reason]
      return [
        oneLine(webhook),
        paint(STATE_STYLES[state], state),
        ...why,
        ...attemptOf(happening),
        ...callOf(event.subject),
        quietId(id),
      ]
    }
  }
}

/** Which attempt it was, how it ended, and when the next one is due. */
function attemptOf({ attempts, dueAt, state }: Delivery): readonly string[] {
  const last = attempts.at(-1)
  const told =
    last === undefined ? [] : [`attempt ${last.attempt}: ${resultText(last)} in ${last.durationMs.toFixed(1)} ms`]
  return state === 'pending' && dueAt !== undefined ? [...told, `next ${secondText(dueAt)}`] : told
}

function callOf(subject: string): readonly string[] {
  return subject === '' ? [] : [oneLine(subject)]
}

function quietId(id: string): string {
  return paint('quiet', oneLine(id))
}
