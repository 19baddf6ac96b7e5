/**
 * Events as JSON objects: structured mode of CloudEvents, members of a batch, lines of NDJSON (CloudEvents 1.0.2, JSON
 * event format). Members that are neither attributes nor data are extensions and of no concern here.
 * Called by the event reader.
 */
import { type DataPoints, type DataValue, isDataObject, NO_DATA } from '../../model/data.ts'
import type { JsonBounds } from '../../model/json-survey.ts'
import type { DecodeText } from '../body/charset.ts'
import { parseJson } from '../body/json-text.ts'
import { isJson, readContentType } from '../body/media-type.ts'
import { type EventResult, type EventRules, makeEvent, type Refusal, refuse } from './event-attributes.ts'

/**
 * Members of which an event has at least one; data points sent without an envelope have none of them. No object inherits one of
 * these names, nor of the others read here, so that they are read by plain indexing.
 */
const ENVELOPE_MEMBERS = ['type', 'data', 'id', 'subject', 'source', 'specversion', 'account', 'time', 'data_base64']

/** How the text of an event is read. */
export interface JsonReading {
  readonly bounds: JsonBounds
  /** For `data_base64`, whose bytes are UTF-8. */
  readonly decode: DecodeText
}

/** Reads one event of JSON text. */
export function readStructured(text: string, rules: EventRules, reading: JsonReading): EventResult {
  const json = parseJson(text, reading.bounds, 'data')
  switch (json.kind) {
    case 'malformed':
      return refuse('malformed', '', json.detail)
    case 'beyond-bounds':
      return refuse('invalid', '', json.detail)
    case 'value':
      return eventOfValue(json.value, json.memberText, rules, reading)
  }
}

function eventOfValue(
  envelope: DataValue,
  text: string | undefined,
  rules: EventRules,
  reading: JsonReading,
): EventResult {
  if (!isDataObject(envelope)) return refuse('invalid', '', 'an event must be a JSON object')
  if (!ENVELOPE_MEMBERS.some((name) => Object.hasOwn(envelope, name)) && Object.keys(envelope).length > 0) {
    const detail =
      'this is not an event: put the data points into its member data, or name the type in the query (?type=call.end)'
    return refuse('invalid', '', detail)
  }
  const data = readData(envelope, text, reading)
  if (data.kind === 'refused') {
    const { type } = envelope
    return { ...data, type: typeof type === 'string' ? type : '' }
  }
  return makeEvent(envelope, data.data, rules, data.text)
}

/** `text`: see `CallEvent`. */
type ReadData = { readonly kind: 'data'; readonly data: DataPoints; readonly text: string | undefined } | Refusal

function readData(envelope: DataPoints, text: string | undefined, reading: JsonReading): ReadData {
  const { data = null, data_base64: encoded = null, datacontenttype } = envelope
  if (encoded !== null) {
    if (data !== null) return refuse('invalid', 'data_base64', 'an event has either data or data_base64, not both')
    return readEncodedData(encoded, datacontenttype, reading)
  }
  if (data === null) return { kind: 'data', data: NO_DATA, text: undefined }
  return isDataObject(data)
    ? { kind: 'data', data, text }
    : refuse('invalid', 'data', 'data must be a JSON object of data points')
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function readEncodedData(encoded: DataValue, contentType: DataValue | undefined, reading: JsonReading): ReadData {
  if (typeof encoded !== 'string' || !BASE64.test(encoded)) {
    return refuse('invalid', 'data_base64', 'data_base64 must be Base64 text (RFC 4648, section 4)')
  }
  const { essence } = readContentType(typeof contentType === 'string' ? contentType : undefined)
  if (essence !== '' && !isJson(essence)) {
    return refuse('invalid', 'data_base64', 'data_base64 is read only where datacontenttype is JSON')
  }
  const json = parseJson(reading.decode(Buffer.from(encoded, 'base64')), reading.bounds)
  if (json.kind !== 'value') return refuse('invalid', 'data_base64', `in data_base64: ${json.detail}`)
  return isDataObject(json.value)
    ? { kind: 'data', data: json.value, text: undefined }
    : refuse('invalid', 'data_base64', 'data_base64 must hold a JSON object of data points')
}
