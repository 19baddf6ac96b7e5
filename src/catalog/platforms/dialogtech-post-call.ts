/**
 * Data points of a DialogTech post-call action (document dialogtech-post-call-action): the 36 that its section "Dynamic
 * Parameters" names in words, then the groups that are included whole. All in the document's order: requests are made in it.
 */
import type { CatalogPlatform, DataPointDescription } from '../description.ts'
import { sourceTrak } from './sourcetrak.ts'

const POST_CALL: readonly DataPointDescription[] = [
  {
    name: 'date_time',
    description: 'When the call began, in US Eastern time; taken from `started_at` where it is missing',
    example: '2019-03-27 20:05:00',
  },
  { name: 'sid', description: 'Identifies the call', example: 'b2f5ff47436671b6' },
  { name: 'call_type', description: 'Kind of call: inbound, outbound, click-to …', example: 'Inbound' },
  { name: 'first_action', description: 'What handled the call first', example: 'Virtual Receptionist' },
  { name: 'last_action', description: 'What handled the call last', example: 'Find Me' },
  { name: 'all_actions', description: 'All that handled the call', example: 'Virtual Receptionist, Find Me' },
  { name: 'click_description', description: 'Name of the click-to-call that began it, if any', example: 'Call us now' },
  { name: 'click_id', description: 'Id of the click-to-call that began it, if any', example: '5501' },
  { name: 'called_number', description: 'Which of your numbers was dialled', example: '8005550001' },
  { name: 'caller_id', description: 'Number of the caller', example: '2223334444' },
  {
    name: 'intelligent_minutes',
    description: 'Minutes spent before the call was connected, `intelligent_seconds` rounded up to a tenth',
    example: '0.2',
  },
  {
    name: 'talk_minutes',
    description: 'Minutes that the parties were connected, `talk_seconds` rounded up to a tenth',
    example: '0.4',
  },
  {
    name: 'enhanced_minutes',
    description: 'Minutes that were recorded, `enhanced_seconds` rounded up to a tenth',
    example: '0.4',
  },
  {
    name: 'rounded_intelligent_minutes',
    description: 'Minutes spent before the call was connected, rounded up',
    example: 1,
  },
  { name: 'rounded_talk_minutes', description: 'Minutes that the parties were connected, rounded up', example: 1 },
  { name: 'rounded_enhanced_minutes', description: 'Minutes that were recorded, rounded up', example: 1 },
  { name: 'call_duration', description: 'Minutes that the call lasted, rounded up', example: 1 },
  { name: 'transfer_type', description: 'What transferred the call, if anything did', example: 'Find Me' },
  { name: 'transferred_to_number', description: 'Number the call was transferred to', example: '5556667777' },
  { name: 'phone_label', description: 'Label that the dialled number has in phone routing', example: 'Radio Ad' },
  { name: 'lookup_last_name', description: 'Last name found by reverse lookup', example: 'Krueger' },
  { name: 'lookup_first_name', description: 'First name found by reverse lookup', example: 'Freddy' },
  { name: 'lookup_street_address', description: 'Street found by reverse lookup', example: '1428 Elm Street' },
  { name: 'lookup_city', description: 'City found by reverse lookup', example: 'Springwood' },
  { name: 'lookup_state', description: 'State found by reverse lookup', example: 'OH' },
  { name: 'lookup_zip_code', description: 'ZIP code found by reverse lookup', example: '50035' },
  { name: 'recording_duration', description: 'Length of the recording in seconds', example: 23 },
  { name: 'call_transfer_status', description: 'How the transfer ended, if there was one', example: 'Answered' },
  {
    name: 'netget_status',
    description: 'How the last webhook that steered the call ended: the decision’s kind, or `backup` and why',
    example: 'next-action',
  },
  { name: 'call_distributor_name', description: 'Call distributor that the call went to', example: 'Sales Queue' },
  { name: 'call_distributor_id', description: 'Building block id of that call distributor', example: '6001' },
  {
    name: 'call_distributor_call_type',
    description: 'Direction of the call distributor’s call: inbound or outbound',
    example: 'Inbound',
  },
  { name: 'call_distributor_agent_name', description: 'Agent who took or made the call', example: 'Alex Example' },
  { name: 'call_distributor_agent_id', description: 'Id of the agent who took or made the call', example: '71' },
  {
    name: 'call_distributor_time_to_answer',
    description: 'Seconds from entering the queue to being connected to an agent',
    example: 6,
  },
  {
    name: 'call_distributor_queue_hold_time',
    description: 'Seconds spent in the queue, whether or not an agent came',
    example: 6,
  },
]

const LEADFLOW: readonly DataPointDescription[] = [
  {
    name: 'call_date',
    description: 'When the call began, in US Eastern time; taken from `started_at` where it is missing',
    example: '2019-03-27 20:05:00',
  },
  {
    name: 'leadflow_set_name',
    description: 'Name of the LeadFlow set that handled the call',
    example: 'Home Services',
  },
  { name: 'leadflow_id', description: 'Building block id of that LeadFlow set', example: '4100' },
  { name: 'destination_name', description: 'Name given to the destination that got the call', example: 'Cool Air Inc' },
  { name: 'destination_number', description: 'Phone number of that destination', example: '5556667777' },
  { name: 'source_name', description: 'Name under which source rules apply to the number', example: 'Radio' },
  { name: 'phone_label', description: 'Name given to the source number that got the call', example: 'Radio Ad' },
  {
    name: 'source_number',
    description: 'Inbound number that got the call; taken from `called_number` where it is missing',
    example: '8005550001',
  },
  { name: 'tag', description: 'Value given to the source, if any', example: 'radio-east' },
  { name: 'caller_id', description: 'Number of the caller', example: '2223334444' },
  { name: 'source_qualified', description: 'Whether the call qualifies by the source’s rules', example: 1 },
  { name: 'destination_qualified', description: 'Whether the call qualifies by the destination’s rules', example: 1 },
  { name: 'rerouted', description: 'Whether a repeat caller was sent to the same destination again', example: 0 },
  {
    name: 'repeat_source_caller',
    description: 'Whether the caller had called within the time in which callers count once',
    example: 0,
  },
  {
    name: 'talk_minutes',
    description: 'Minutes that caller and destination were connected, rounded up to a tenth',
    example: '0.4',
  },
  { name: 'talk_seconds', description: 'Seconds that caller and destination were connected', example: 23 },
  {
    name: 'total_minutes',
    description: 'Minutes that the caller was connected to the platform, rounded up to a tenth',
    example: '0.5',
  },
  {
    name: 'total_seconds',
    description: 'Seconds that the caller was connected to the platform: talk and intelligent seconds together',
    example: 30,
  },
  {
    name: 'call_duration',
    description: 'Minutes that the caller was connected to the platform, rounded up',
    example: 1,
  },
  {
    name: 'source_price_per_call',
    description: 'Dollars that a qualified call of this source is worth, if given',
    example: '12.50',
  },
  {
    name: 'destination_price_per_call',
    description: 'Dollars that a qualified call is worth to this destination, if given',
    example: '20.00',
  },
  { name: 'sid', description: 'Identifies the call', example: 'b2f5ff47436671b6' },
  {
    name: 'previous_qualified_source_call',
    description: 'Earlier call of this caller that lost its source qualification to this one',
    example: 'a1c4ee36325560a5',
  },
  {
    name: 'previous_qualified_destination_call',
    description: 'Earlier call of this caller that lost its destination qualification to this one',
    example: 'a1c4ee36325560a5',
  },
]

const CAKE: readonly DataPointDescription[] = [
  { name: 'cake_affiliate_id', description: 'CAKE’s number of the affiliate behind the dialled number', example: 310 },
  { name: 'cake_offer_id', description: 'CAKE’s number of the offer behind the destination', example: 87 },
]

/** DialogTech's post-call action: 36 data points of the call, 22 of SourceTrak, 24 of LeadFlow, 2 of CAKE. */
export const DIALOGTECH_POST_CALL: CatalogPlatform = {
  id: 'dialogtech-post-call',
  title: 'DialogTech post-call action',
  categories: [
    { name: 'post-call', dataPoints: POST_CALL },
    sourceTrak('st_referer'),
    { name: 'leadflow', dataPoints: LEADFLOW },
    { name: 'cake', dataPoints: CAKE },
  ],
}
