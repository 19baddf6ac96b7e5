/**
 * Data points that follow from others, for events that do not carry them: one line of the table each, pure functions of the
 * call. An input that is missing or makes no sense derives nothing (`undefined`), so that no `NaN` is ever sent.
 * Called by `read-point.ts` when neither the event nor the call's context has the data point.
 */
import { type DataValue, isDataObject, ownValue, type ReadPoint } from '../model/data.ts'
import { carried } from './carried.ts'
import { easternTime } from './eastern-time.ts'
import { parseInstant } from './instant.ts'
import { microseconds, seconds, tenthsOfMinutes, wholeMinutes } from './minutes.ts'
import { utcTime } from './time-text.ts'

/** How each derived data point is made, by its name. */
export const DERIVED: ReadonlyMap<string, ReadPoint> = new Map<string, ReadPoint>([
  ['talk_minutes', fromDuration(carried('talk_seconds'), tenthsOfMinutes)],
  ['rounded_talk_minutes', fromDuration(carried('talk_seconds'), wholeMinutes)],
  ['intelligent_minutes', fromDuration(carried('intelligent_seconds'), tenthsOfMinutes)],
  ['rounded_intelligent_minutes', fromDuration(carried('intelligent_seconds'), wholeMinutes)],
  ['enhanced_minutes', fromDuration(carried('enhanced_seconds'), tenthsOfMinutes)],
  ['rounded_enhanced_minutes', fromDuration(carried('enhanced_seconds'), wholeMinutes)],
  ['total_seconds', talkAndIntelligentSeconds()],
  ['total_minutes', fromDuration(totalSeconds(), tenthsOfMinutes)],
  ['call_duration', fromDuration(totalSeconds(), wholeMinutes)],
  ['date_time', fromInstant(carried('started_at'), easternTime)],
  ['call_date', fromInstant(carried('started_at'), easternTime)],
  ['call_start_time', fromInstant(carried('started_at'), utcTime)],
  ['call_end_time', fromInstant(carried('ended_at'), utcTime)],
  ['source_number', carried('called_number')],
  ['survo_id', carried('ivr_id')],
  ['unique_id', carried('ivr_response_id')],
  ['question', fromLastPromptResponse('question')],
  ['question_link', fromLastPromptResponse('question_link')],
  ['response', fromLastPromptResponse('response')],
])

function fromDuration(readDuration: ReadPoint, convert: (us: number) => DataValue): ReadPoint {
  return (source) => {
    const us = microseconds(readDuration(source))
    return us === undefined ? undefined : convert(us)
  }
}

function fromInstant(readInstant: ReadPoint, convert: (instantMs: number) => string): ReadPoint {
  return (source) => {
    const text = readInstant(source)
    const instantMs = typeof text === 'string' ? parseInstant(text) : undefined
    return instantMs === undefined ? undefined : convert(instantMs)
  }
}

/** A call's whole length is the sum of its parts, where both are known. */
function talkAndIntelligentSeconds(): ReadPoint {
  const readTalk = carried('talk_seconds')
  const readIntelligent = carried('intelligent_seconds')
  return (source) => {
    const talkUs = microseconds(readTalk(source))
    const intelligentUs = microseconds(readIntelligent(source))
    return talkUs === undefined || intelligentUs === undefined ? undefined : seconds(talkUs + intelligentUs)
  }
}

/** `total_seconds` as it is sent, carried or summed, so that the minutes never contradict the seconds beside them. */
function totalSeconds(): ReadPoint {
  const readCarried = carried('total_seconds')
  const readSum = talkAndIntelligentSeconds()
  return (source) => {
    const total = readCarried(source)
    return total === undefined ? readSum(source) : total
  }
}

function fromLastPromptResponse(member: string): ReadPoint {
  const readResponses = carried('prompt_responses')
  return (source) => {
    const responses = readResponses(source)
    const last = Array.isArray(responses) ? responses.at(-1) : undefined
    return isDataObject(last) ? ownValue(last, member) : undefined
  }
}
