/**
 * A decision as one line for people who watch: what the call does next, in the words of the field.
 */

import { memberOf } from '../json-member.ts'
import type { DecisionView } from './carrier.ts'

/** What the call does next. */
export function decisionText(decision: DecisionView): string {
  switch (decision.kind) {
    case 'speak':
      return `say "${textOf(decision['text'])}"`
    case 'next-action':
      return actionText(decision)
    case 'set-variables':
      return `set ${pairsOf(decision['variables'])}`
    case 'redirect':
      return `go to the IVR ${textOf(decision['ivr'])}`
    case 'disconnect':
      return 'disconnect'
    case 'continue':
      return 'go on'
    case 'backup':
      return backupText(decision)
    default:
      return decision.kind
  }
}

function actionText(decision: DecisionView): string {
  const parameters = decision['parameters']
  const passThrough = decision['passThrough'] === undefined ? '' : `, passing "${textOf(decision['passThrough'])}"`
  const user = decision['userParameters'] === undefined ? '' : `, with ${pairsOf(decision['userParameters'])}`
  switch (decision['app']) {
    case 'findme':
      return `findme ${textOf(memberOf(parameters, 'phone_list')).replaceAll(',', ', ')}`
    case 'transfer':
      return `transfer to ${textOf(memberOf(parameters, 'destination'))}`
    case 'hangup':
      return 'hang up'
    default:
      return `go to ${textOf(decision['app'])} ${textOf(memberOf(parameters, 'id'))}${user}${passThrough}`
  }
}

function backupText(decision: DecisionView): string {
  const backup = decision['backup'] === undefined ? '' : `; the call takes ${pairsOf(decision['backup'])}`
  return `backup, ${textOf(decision['reason'])} (${textOf(decision['detail'])})${backup}`
}

function pairsOf(value: unknown): string {
  return Object.entries(value ?? {})
    .map(([name, member]) => `${name}=${textOf(member)}`)
    .join(', ')
}

function textOf(value: unknown): string {
  return String(value ?? '')
}
