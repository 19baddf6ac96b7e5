/**
 * The JSON body of the benches in the template engines that services use, each as its own documentation would have it: the
 * template compiled once, values written as JSON strings.
 */
import { Eta } from 'eta'
import Handlebars from 'handlebars'
import Mustache from 'mustache'
import { BODY_POINTS, type CallData } from '../traffic/call-data.ts'

/** Renders a call's body. */
export type RenderBody = (data: CallData) => string

/** Handlebars, with a helper that writes a value as JSON. */
export function handlebarsBody(): RenderBody {
  const own = Handlebars.create()
  own.registerHelper('json', (value: unknown) => JSON.stringify(value))
  // The last one swallows the space behind it: three braces in a row would mean something else.
  const members = BODY_POINTS.map(
    (name, index) => `"${name}":{{json ${name}${index === BODY_POINTS.length - 1 ? '~' : ''}}}`,
  )
  return own.compile<CallData>(`{${members.join(',')} }`, {
    noEscape: true,
    strict: true,
    knownHelpers: { json: true },
  })
}

/** Mustache, whose escape function writes the inside of a JSON string. */
export function mustacheBody(): RenderBody {
  const template = `{${BODY_POINTS.map((name) => `"${name}":"{{${name}}}"`).join(',')}}`
  Mustache.parse(template)
  const jsonText = (value: unknown): string => JSON.stringify(value).slice(1, -1)
  return (data) => Mustache.render(template, data, undefined, { escape: jsonText })
}

/** Eta, whose escape function writes a value as JSON. */
export function etaBody(): RenderBody {
  const eta = new Eta({ autoEscape: true, escapeFunction: (value: unknown) => JSON.stringify(value) })
  const template = eta.compile(`{${BODY_POINTS.map((name) => `"${name}":<%= it.${name} %>`).join(',')}}`)
  return (data) => eta.render(template, data)
}

/** `JSON.stringify` of an object that is made for it: what a service without templates does. */
export function stringifiedBody(data: CallData): string {
  return JSON.stringify({
    sid: data.sid,
    call_type: data.call_type,
    first_action: data.first_action,
    last_action: data.last_action,
    click_description: data.click_description,
    called_number: data.called_number,
    caller_id: data.caller_id,
    intelligent_minutes: data.intelligent_minutes,
    talk_minutes: data.talk_minutes,
    enhanced_minutes: data.enhanced_minutes,
    call_duration: data.call_duration,
    transfer_type: data.transfer_type,
    transferred_to_number: data.transferred_to_number,
    phone_label: data.phone_label,
    lookup_last_name: data.lookup_last_name,
    lookup_first_name: data.lookup_first_name,
    lookup_street_address: data.lookup_street_address,
    lookup_city: data.lookup_city,
    lookup_state: data.lookup_state,
    lookup_zip_code: data.lookup_zip_code,
    recording_duration: data.recording_duration,
    call_transfer_status: data.call_transfer_status,
    call_distributor_name: data.call_distributor_name,
    call_distributor_agent_name: data.call_distributor_agent_name,
    call_distributor_queue_hold_time: data.call_distributor_queue_hold_time,
  })
}

/** Written by hand, without a loop: one concatenation. */
export function concatenatedBody(data: CallData): string {
  const text = JSON.stringify
  return (
    `{"sid":${text(data.sid)},"call_type":${text(data.call_type)},"first_action":${text(data.first_action)},` +
    `"last_action":${text(data.last_action)},"click_description":${text(data.click_description)},` +
    `"called_number":${text(data.called_number)},"caller_id":${text(data.caller_id)},` +
    `"intelligent_minutes":${text(data.intelligent_minutes)},"talk_minutes":${text(data.talk_minutes)},` +
    `"enhanced_minutes":${text(data.enhanced_minutes)},"call_duration":${text(data.call_duration)},` +
    `"transfer_type":${text(data.transfer_type)},"transferred_to_number":${text(data.transferred_to_number)},` +
    `"phone_label":${text(data.phone_label)},"lookup_last_name":${text(data.lookup_last_name)},` +
    `"lookup_first_name":${text(data.lookup_first_name)},"lookup_street_address":${text(data.lookup_street_address)},` +
    `"lookup_city":${text(data.lookup_city)},"lookup_state":${text(data.lookup_state)},` +
    `"lookup_zip_code":${text(data.lookup_zip_code)},"recording_duration":${text(data.recording_duration)},` +
    `"call_transfer_status":${text(data.call_transfer_status)},` +
    `"call_distributor_name":${text(data.call_distributor_name)},` +
    `"call_distributor_agent_name":${text(data.call_distributor_agent_name)},` +
    `"call_distributor_queue_hold_time":${text(data.call_distributor_queue_hold_time)}}`
  )
}
