/**
 * A customer's answer becomes a decision: what the live call shall do. Pure and total: any status and any bytes give a
 * decision, `backup` with the reason where the answer is not one that the webhook asked for.
 * Called by `engine/` and by workers, once an invoke, after the transport has read the whole body.
 */
import { ANSWER_LIMIT_BYTES, type Answer, type AnswerSpec } from '../model/answer.ts'
import { type BackupDecision, backup, type Decision } from '../model/decision.ts'
import { interpretMessage } from './message.ts'
import { interpretNextAction } from './next-action.ts'
import { interpretRedirect, REDIRECT_SUCCESS_CODES } from './redirect.ts'
import { interpretVariables, VARIABLES_SUCCESS_CODES } from './variables.ts'

/**
 * Judges `answer` by what `spec` expects. `successCodes` are the webhook's and count for `message`, `next-action` and
 * `status`; `variables` (200) and `redirect` (200, 204) have their platforms' own, and `ignored` takes any status.
 * The decision has no `backup` member: that is the webhook's, added by the engine. Never throws.
 */
export function interpretAnswer(spec: AnswerSpec, answer: Answer, successCodes: readonly number[]): Decision {
  switch (spec.kind) {
    case 'ignored':
      return { kind: 'continue' }
    case 'status':
      return statusProblem(answer, successCodes) ?? { kind: 'continue' }
    case 'message':
      return problemOf(answer, successCodes) ?? interpretMessage(answer)
    case 'next-action':
      return problemOf(answer, successCodes) ?? interpretNextAction(answer)
    case 'variables':
      return problemOf(answer, VARIABLES_SUCCESS_CODES) ?? interpretVariables(answer, spec.setVariable)
    case 'redirect':
      return problemOf(answer, REDIRECT_SUCCESS_CODES) ?? interpretRedirect(answer)
  }
}

function problemOf(answer: Answer, successCodes: readonly number[]): BackupDecision | undefined {
  return statusProblem(answer, successCodes) ?? sizeProblem(answer)
}

function statusProblem(answer: Answer, successCodes: readonly number[]): BackupDecision | undefined {
  return successCodes.includes(answer.status) ? undefined : backup('status', `the server answered ${answer.status}`)
}

/** The transport stops reading at the limit already; this holds for answers that came another way. */
function sizeProblem(answer: Answer): BackupDecision | undefined {
  if (answer.body.byteLength <= ANSWER_LIMIT_BYTES) return undefined
  return backup('response-too-large', `the body has more than ${ANSWER_LIMIT_BYTES} bytes`)
}
