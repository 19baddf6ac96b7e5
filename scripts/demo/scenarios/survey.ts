/**
 * A service survey: the caller rates the service from 1 to 5 and the server says where the call goes. Who is unhappy leaves
 * a comment, whose transcript is delivered when it is ready.
 */
import type { Call } from '../call.ts'
import { OPEN_NUMBER, opsFeed } from '../call-events.ts'
import { type Scenario, variantOf } from './scenario.ts'

const RATINGS: readonly [number, ...number[]] = [2, 5, 1, 4, 3]

/** The document's "calls two numbers simultaneously" with its defaults filled in. */
const FINDME = {
  phone_list: ['2223334444', '5556667777'],
  simultaneous: 2,
  record: 1,
  screen_method: 2,
  whisper_audio: 'customwhisper.wav',
  timeout: 30,
  nextaction: 1,
}

/** Unhappy callers are put through, happy ones hang up. */
export const SURVEY: Scenario = {
  kind: 'survey',
  account: 'default',
  calledNumber: OPEN_NUMBER,
  play: async (call, round) => {
    const rating = variantOf(RATINGS, round)
    const isUnhappy = rating <= 2
    await call.begin('is asked to rate the service')
    await call.says(`presses ${rating}`)
    await call.ask({
      webhook: 'service-score',
      data: { responses: { 1: String(rating) }, ivr_completed: true },
      request: {
        qos: String(rating),
        ivr_caller_id: call.caller.number,
        ivr_number_called: OPEN_NUMBER,
        ivr_completed: 'True',
        ivr_pass_through: '',
        st_search_term: undefined,
      },
      decision: isUnhappy
        ? { kind: 'next-action', app: 'findme', parameters: FINDME }
        : { kind: 'next-action', app: 'hangup', parameters: {} },
    })
    if (isUnhappy) await leaveComment(call)
    await call.pause()
    await call.end('hangs up')
  },
}

async function leaveComment(call: Call): Promise<void> {
  const text = 'Nobody called me back, & I was told "tomorrow" 100% of the time.'
  await call.says(`leaves a comment: ${text}`)
  const comment = { question: '2', duration: 7, date: '2026-11-20', text }
  const data = { callid: call.id, ani: call.caller.number, tags: { region: 'south' }, ivr_id: '12345' }
  const unique = `${call.id}-1`
  await call.send('transcription.completed', { ...data, ivr_response_id: unique, ...comment }, [
    {
      webhook: 'transcripts',
      call: unique,
      job: 'delivery',
      content: { ...comment, survo_id: '12345', duration: '7' },
    },
    opsFeed(call.facts, null),
  ])
}
