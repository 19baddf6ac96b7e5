/**
 * Wix Answers: the answer is the GUID of the IVR that takes the call, or empty, and then the call ends
 * (wix-answers-ivr-webhook, "Hook's Response"). Nothing else is guessed at: any other body is backup.
 */
import type { Answer } from '../model/answer.ts'
import { backup, type Decision } from '../model/decision.ts'
import { isJsonType, parseContentType } from './content-type.ts'
import { quoted } from './excerpt.ts'
import { decodeText } from './text.ts'

/** Statuses that count as an answer: 200, and 204 where the body is empty (contract, "Decisions"). */
export const REDIRECT_SUCCESS_CODES: readonly number[] = [200, 204]

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Reads a redirect answer of status 200 or 204. White space alone counts as empty: scripts end with a line break. */
export function interpretRedirect(answer: Answer): Decision {
  const decoded = decodeText(answer, 'none')
  if (decoded.kind === 'invalid') return backup('invalid-response', decoded.detail)
  const text = decoded.text.trim()
  if (text === '') return { kind: 'disconnect' }
  if (answer.status === 204) return backup('invalid-response', `the server answered 204 with a body: ${quoted(text)}`)
  const { mediaType } = parseContentType(answer.contentType)
  const ivr = isJsonType(mediaType) ? withoutQuotes(text) : text
  if (!GUID.test(ivr)) return backup('invalid-response', `the body is neither empty nor an IVR's GUID: ${quoted(text)}`)
  return { kind: 'redirect', ivr }
}

function withoutQuotes(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}
