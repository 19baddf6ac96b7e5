/**
 * The thread that decompresses: all that `Inflater` asks it to, several bodies at once. What breaks here ends the thread, and with
 * it the bodies that it has.
 */
import { answerQuestions } from '../../thread.ts'
import { type Inflated, type InflateRequest, inflateBody } from './inflate.ts'

answerQuestions<InflateRequest, Inflated>(async ({ bytes, coding, limitBytes }) => {
  const answer = await inflateBody(bytes, coding, limitBytes)
  if (answer.kind !== 'body') return { answer, handed: [] }
  // A copy of its own: what is handed over is no longer here, and a small body lies in a chunk many times its size.
  const own = new Uint8Array(answer.bytes)
  return { answer: { kind: 'body', bytes: own }, handed: [own.buffer] }
})
