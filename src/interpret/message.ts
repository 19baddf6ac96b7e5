/**
 * DialogTech: "the IVR expects to receive HTML or text, which it will then read to the user using text-to-speech"
 * (dialogtech-ivr-webhook, "Advanced Webhook Actions"). HTML becomes its words; text is spoken as it is.
 * A message without a word is no message: the call takes its backup instead of silence.
 */
import type { Answer } from '../model/answer.ts'
import { backup, type Decision } from '../model/decision.ts'
import { parseContentType } from './content-type.ts'
import { textOfHtml } from './html-text.ts'
import { decodeText } from './text.ts'

/** Anything that is neither white space nor a control or format character: something that a voice may say. */
const SPEAKABLE = /[^\p{White_Space}\p{Cc}\p{Cf}]/u

/** How HTML begins, for answers that do not say what they are. */
const HTML_START = /^\s*<[a-z!]/i

/**
 * Reads a spoken answer. `text/html` and `application/xhtml+xml` are reduced to their text; any other type is plain text,
 * trimmed and otherwise unchanged; without a type, text that begins with a tag, a comment or a DOCTYPE is HTML.
 */
export function interpretMessage(answer: Answer): Decision {
  const { mediaType } = parseContentType(answer.contentType)
  const isXhtml = mediaType === 'application/xhtml+xml'
  const mayBeHtml = isXhtml || mediaType === 'text/html' || mediaType === ''
  const decoded = decodeText(answer, mayBeHtml ? 'html' : 'none')
  if (decoded.kind === 'invalid') return backup('invalid-response', decoded.detail)
  const isHtml = mayBeHtml && (mediaType !== '' || HTML_START.test(decoded.text))
  const text = isHtml ? textOfHtml(decoded.text, isXhtml ? 'xhtml' : 'html') : decoded.text.trim()
  return SPEAKABLE.test(text) ? { kind: 'speak', text } : backup('invalid-response', 'the answer has nothing to say')
}
