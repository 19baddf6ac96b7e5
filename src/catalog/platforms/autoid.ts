/**
 * The 77 data points that an AutoID template can use (document autoid-webhook, table under "Body Definitions").
 * Each category keeps the document's order. Examples are the document's; what it writes as a remark beside a value
 * (`1 (repeat caller)`) stands in the description. It gives none for `utm_source`, and shows `prompt_responses` by its parts.
 */
import type { CatalogPlatform, DataPointDescription } from '../description.ts'

const QUESTION_LINK = 'http://app.example.com/prompts-qa/audio/-1/94f17d142e0e861bfa34.wav'

const CALL_BEGIN: readonly DataPointDescription[] = [
  {
    name: 'callid',
    description: 'Identifies the call, different for every call',
    example: '093cc03c.e6a4.6ac6.978f.740b10afeaca',
  },
  {
    name: 'session_id',
    description: 'Identifies the session the user was in',
    example: '5da13c4f-753f-448a-81a1-12456785be20',
  },
  { name: 'tracking', description: 'Tracking number that was dialled', example: '7774839229' },
  { name: 'ani', description: 'Telephone number of the caller', example: '7776734736' },
  {
    name: 'call_start_time',
    description: 'When the call began, in GMT on a 24-hour clock; taken from `started_at` where it is missing',
    example: '2019-03-28T00:05:00.000Z',
  },
  { name: 'repeat_caller', description: '1 where the caller has called before, 0 where not', example: 1 },
  { name: 'campaign_name', description: 'Campaign that the call belongs to', example: 'Sales Campaign' },
  { name: 'ani_is_valid', description: '1 where the caller’s number is a valid one, 0 where not', example: 1 },
  {
    name: 'ani_line_type',
    description: 'Kind of line the caller is on; the example lists the possible values',
    example: 'Mobile/NonFixedVOIP/Landline/TollFree/FixedVOIP',
  },
  {
    name: 'ani_carrier',
    description: 'Carrier of the caller; the example lists some of the possible values',
    example: 'ATT/Verizon Wireless/T-Mobile USA',
  },
  { name: 'ani_full_name', description: 'First and last name of the caller', example: 'Freddy Krueger' },
  { name: 'ani_first_name', description: 'First name of the caller', example: 'Freddy' },
  { name: 'ani_middle_name', description: 'Middle name of the caller', example: 'Charles' },
  { name: 'ani_last_name', description: 'Last name of the caller', example: 'Krueger' },
  { name: 'ani_type', description: 'Kind of home the caller has: single or multi family', example: 'Charles' },
  { name: 'ani_street_line_1', description: 'First line of the caller’s address', example: '1428 Elm Street' },
  { name: 'ani_street_line_2', description: 'Second line of the caller’s address', example: 'Apt 2' },
  { name: 'ani_city', description: 'City the caller lives in', example: 'Springwood' },
  { name: 'ani_zip', description: 'ZIP code of the caller', example: '50035' },
  { name: 'ani_zip4', description: 'The four digits that extend the caller’s ZIP code', example: '1001' },
  { name: 'ani_state', description: 'State the caller lives in', example: 'Ohio' },
  { name: 'ani_country_code', description: 'Country of the caller, two letters', example: 'US' },
  { name: 'ani_street_number', description: 'House number of the caller', example: '1428' },
  { name: 'ani_street_name', description: 'Street of the caller, without number and type', example: 'Elm' },
  { name: 'ani_street_type', description: 'What the caller’s street is called: St, Ave …', example: 'St' },
  {
    name: 'ani_updated_at',
    description: 'When the details about the caller were last looked up',
    example: '13 Oct 2020 3:15:12 PM',
  },
  {
    name: 'tags',
    description: 'Labels by which campaigns are told apart and grouped, an object of name and value',
    example: { Region: 'south' },
  },
]

const CALL_END: readonly DataPointDescription[] = [
  { name: 'dialed_time', description: 'Seconds from dialling to the end of the call', example: 36 },
  { name: 'answered_time', description: 'Seconds during which the two parties were connected', example: 29 },
  { name: 'dialstatus', description: 'Whether the called party answered', example: 'ANSWER' },
  {
    name: 'call_end_time',
    description: 'When the call ended, in GMT on a 24-hour clock; taken from `ended_at` where it is missing',
    example: '2019-03-28T00:05:30.000Z',
  },
  {
    name: 'prompt_responses',
    description: 'The way the caller took through the treatment: an array of questions with what was pressed',
    example: [{ question: 'one', question_link: QUESTION_LINK, response: '1' }],
  },
  {
    name: 'question',
    description: 'Name of a question; that of the last entry of `prompt_responses` where it is missing',
    example: 'one',
  },
  {
    name: 'question_link',
    description: 'Where the question can be listened to; of the last entry of `prompt_responses` where it is missing',
    example: QUESTION_LINK,
  },
  {
    name: 'response',
    description: 'The key pressed as an answer; of the last entry of `prompt_responses` where it is missing',
    example: '1',
  },
  {
    name: 'rec_audiourl',
    description: 'Where the recording can be fetched as mono MP3',
    example: 'https://audio.example.com/MP3/202110/demo.e123.4d3c.41de.123468.mp3',
  },
  {
    name: 'rec_audiowavurl',
    description: 'Where the recording can be fetched as stereo WAV',
    example: 'https://audio.example.com/MP3/202110/demo.e123.4d3c.41de.123468.wav',
  },
  { name: 'ring_count', description: 'How often it rang before somebody answered', example: 4 },
]

const DNI: readonly DataPointDescription[] = [
  { name: 'target', description: 'Number that the call was sent to', example: '7776734700' },
  { name: 'global_id', description: 'Identifies the user', example: '0f9cec2d1236e1234d8e123a7adff123' },
  { name: 'landing_domain', description: 'Domain of the site the visitor landed on', example: 'example.com' },
  { name: 'domain_name', description: 'Domain on which dynamic numbers are installed', example: 'example.com' },
  {
    name: 'page_id',
    description: 'Identifies the web page',
    example: 'e14eb2bb-b829-4d19-bf5a-da76ccffbf4e',
  },
  {
    name: 'page_converted_on',
    description: 'Page from which the visitor made the call',
    example: 'https://www.example.com/about_us.htm',
  },
  {
    name: 'first_page_landed_on',
    description: 'Page of the site that the visitor saw first',
    example: 'https://www.example.com',
  },
  { name: 'vehicle_vin', description: 'Identification number of the vehicle', example: '1C6RRFFG9KN909808' },
  { name: 'vehicle_year', description: 'Model year of the vehicle', example: 2019 },
  { name: 'vehicle_make', description: 'Make of the vehicle', example: 'Ram' },
  { name: 'vehicle_model', description: 'Model of the vehicle', example: '1500' },
  { name: 'referral_domain', description: 'Domain from which the visitor came', example: 'facebook.com' },
  {
    name: 'medium',
    description: 'Kind of visit: Paid, Organic, Direct, Referral or Other',
    example: 'Paid',
  },
  { name: 'utm_source', description: 'Where the visit came from, of the address’s `utm_source`' },
  {
    name: 'utm_medium',
    description: 'By which medium it came, of the address’s `utm_medium`',
    example: 'like social or newsletter',
  },
  { name: 'utm_campaign', description: 'Campaign that the address was made for', example: 'sales' },
  { name: 'utm_content', description: 'Content that the visitor was led to', example: '123' },
  { name: 'keyword', description: 'Keyword that is tracked', example: 'air conditioning' },
  { name: 'gclid', description: 'Click id that Google gave the visit', example: 'xyz123' },
  { name: 'visitor_browser_family', description: 'Browser of the visitor', example: 'Firefox' },
  { name: 'visitor_browser_version', description: 'Version of the visitor’s browser', example: '79' },
  { name: 'visitor_device', description: 'Device of the visitor', example: 'Other' },
  { name: 'visitor_country_code', description: 'Country of the visitor, two letters', example: 'US' },
  { name: 'visitor_region', description: 'State or region of the visitor', example: 'CA' },
  { name: 'visitor_city', description: 'City of the visitor', example: 'Los Angeles' },
  { name: 'visitor_ip_address', description: 'IP address of the visitor', example: '47.156.108.175' },
  { name: 'visitor_operating_system', description: 'Operating system of the visitor', example: 'Mac OS X' },
  { name: 'visitor_lat', description: 'Latitude of the visitor in degrees', example: '34.153500' },
  { name: 'visitor_long', description: 'Longitude of the visitor in degrees', example: '-117.845700' },
]

const LOCATION_INFO: readonly DataPointDescription[] = [
  { name: 'location_name', description: 'Name of the location', example: 'Auto ID' },
  { name: 'location_address_line_1', description: 'First line of its address', example: '157 Main Street' },
  { name: 'location_address_line_2', description: 'Second line of its address', example: 'Apt 4' },
  { name: 'location_address_city', description: 'City of the location', example: 'Los Angeles' },
  { name: 'location_address_zip', description: 'ZIP code of the location', example: '91741' },
  { name: 'location_address_state', description: 'State of the location, two letters', example: 'CA' },
  { name: 'account_id', description: 'Account number that the client gave', example: '26627332' },
  { name: 'location_id', description: 'Number of the location that the client gave', example: '3242243' },
  { name: 'site_id', description: 'AutoID’s number of the site', example: '4567' },
  { name: 'domain_id', description: 'AutoID’s number of the location', example: '1234' },
]

/** AutoID: 27 data points known when a call begins, 11 at its end, 29 of the website, 10 of the location. */
export const AUTOID: CatalogPlatform = {
  id: 'autoid',
  title: 'AutoID webhook',
  categories: [
    { name: 'call_begin', dataPoints: CALL_BEGIN },
    { name: 'call_end', dataPoints: CALL_END },
    { name: 'dni', dataPoints: DNI },
    { name: 'location_info', dataPoints: LOCATION_INFO },
  ],
}
