import { describe, expect, test } from 'vitest'
import { CATALOG, CATALOG_NAMES, type CatalogPlatform, catalogWith, isPointName } from '../../src/catalog/catalog.ts'
import { DERIVED } from '../../src/catalog/derived.ts'
import type { DataValue } from '../../src/model/data.ts'

function platform(id: string): CatalogPlatform {
  const found = CATALOG.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`no platform ${id}`)
  return found
}

function names(platformId: string, categoryName: string): readonly string[] {
  const category = platform(platformId).categories.find(({ name }) => name === categoryName)
  return category?.dataPoints.map(({ name }) => name) ?? []
}

function examples(platformId: string): ReadonlyMap<string, DataValue | undefined> {
  const points = platform(platformId).categories.flatMap(({ dataPoints }) => dataPoints)
  return new Map(points.map(({ name, example }) => [name, example]))
}

describe('the catalogue', () => {
  test.each<[string, Record<string, number>]>([
    ['autoid', { call_begin: 27, call_end: 11, dni: 29, location_info: 10 }],
    ['dialogtech-post-call', { 'post-call': 36, sourcetrak: 22, leadflow: 24, cake: 2 }],
    ['dialogtech-ivr', { ivr: 12, sourcetrak: 22 }],
    ['dialogtech-transcription', { transcription: 6 }],
    ['vcc-live-ivr', { system: 6 }],
    ['wix-answers-ivr', { payload: 4 }],
    ['switchhook', { call_begin: 4, call_end: 3, ivr: 1 }],
  ])('has as many data points of %s as its document names', (id, counts) => {
    const counted = platform(id).categories.map(({ name, dataPoints }) => [name, dataPoints.length])
    expect(Object.fromEntries(counted)).toEqual(counts)
  })

  test('has 77 data points of AutoID', () => {
    expect(examples('autoid').size).toBe(77)
  })

  test('names a platform once, a category once in its platform and a data point once in its category', () => {
    expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length)
    for (const { categories } of CATALOG) {
      expect(new Set(categories.map(({ name }) => name)).size).toBe(categories.length)
      for (const { dataPoints } of categories) {
        expect(new Set(dataPoints.map(({ name }) => name)).size).toBe(dataPoints.length)
      }
    }
  })

  test('describes every data point in one phrase and gives an example, but for the one that has none', () => {
    const points = CATALOG.flatMap(({ categories }) => categories.flatMap(({ dataPoints }) => dataPoints))
    for (const { description } of points) expect(description).toMatch(/^.{10,120}[^.\s]$/u)
    expect(points.filter(({ example }) => example === undefined).map(({ name }) => name)).toEqual(['utm_source'])
  })
})

describe('names of AutoID, in the order of the document', () => {
  test.each([
    [
      'call_begin',
      `callid session_id tracking ani call_start_time repeat_caller campaign_name ani_is_valid ani_line_type ani_carrier
       ani_full_name ani_first_name ani_middle_name ani_last_name ani_type ani_street_line_1 ani_street_line_2 ani_city ani_zip
       ani_zip4 ani_state ani_country_code ani_street_number ani_street_name ani_street_type ani_updated_at tags`,
    ],
    [
      'call_end',
      `dialed_time answered_time dialstatus call_end_time prompt_responses question question_link response rec_audiourl
       rec_audiowavurl ring_count`,
    ],
    [
      'dni',
      `target global_id landing_domain domain_name page_id page_converted_on first_page_landed_on vehicle_vin vehicle_year
       vehicle_make vehicle_model referral_domain medium utm_source utm_medium utm_campaign utm_content keyword gclid
       visitor_browser_family visitor_browser_version visitor_device visitor_country_code visitor_region visitor_city
       visitor_ip_address visitor_operating_system visitor_lat visitor_long`,
    ],
    [
      'location_info',
      `location_name location_address_line_1 location_address_line_2 location_address_city location_address_zip
       location_address_state account_id location_id site_id domain_id`,
    ],
  ])('are complete for %s', (category, expected) => {
    expect(names('autoid', category)).toEqual(expected.split(/\s+/))
  })
})

test('the 36 data points of a post-call action have the names that stand for their words', () => {
  const expected = `date_time sid call_type first_action last_action all_actions click_description click_id called_number
    caller_id intelligent_minutes talk_minutes enhanced_minutes rounded_intelligent_minutes rounded_talk_minutes
    rounded_enhanced_minutes call_duration transfer_type transferred_to_number phone_label lookup_last_name
    lookup_first_name lookup_street_address lookup_city lookup_state lookup_zip_code recording_duration
    call_transfer_status netget_status call_distributor_name call_distributor_id call_distributor_call_type
    call_distributor_agent_name call_distributor_agent_id call_distributor_time_to_answer
    call_distributor_queue_hold_time`
  expect(names('dialogtech-post-call', 'post-call')).toEqual(expected.split(/\s+/))
})

test('VCC Live has its six system variables', () => {
  const expected = ['customer', 'projectid', 'source', 'destination', 'uuid', 'vccsys_shortid']
  expect(names('vcc-live-ivr', 'system')).toEqual(expected)
})

test('what the engine reads beyond the documents is in the catalogue too', () => {
  const own = [...examples('switchhook').keys()]
  expect(own).toEqual([
    ...['started_at', 'ad_group', 'treatment', 'dni_campaign', 'ended_at'],
    ...['intelligent_seconds', 'enhanced_seconds', 'responses'],
  ])
})

describe('examples', () => {
  test.each<[string, DataValue | undefined]>([
    ['callid', '093cc03c.e6a4.6ac6.978f.740b10afeaca'],
    ['dialed_time', 36],
    ['call_start_time', '2019-03-28T00:05:00.000Z'],
    ['repeat_caller', 1],
    ['ani_is_valid', 1],
    ['ani_line_type', 'Mobile/NonFixedVOIP/Landline/TollFree/FixedVOIP'],
    ['ani_type', 'Charles'],
    ['ani_updated_at', '13 Oct 2020 3:15:12 PM'],
    ['tags', { Region: 'south' }],
    ['medium', 'Paid'],
    ['utm_source', undefined],
    ['utm_medium', 'like social or newsletter'],
    ['utm_campaign', 'sales'],
    ['utm_content', '123'],
    ['visitor_lat', '34.153500'],
    ['visitor_long', '-117.845700'],
    ['domain_id', '1234'],
  ])('of AutoID are the document’s: %s', (name, example) => {
    expect(examples('autoid').get(name)).toEqual(example)
  })

  test('of Wix Answers are the document’s payload', () => {
    const payload = examples('wix-answers-ivr')
    expect([...payload.keys()]).toEqual(['callId', 'from', 'user', 'input'])
    expect(payload.get('from')).toEqual({ countryCode: '111', number: '444444444' })
    expect(payload.get('user')).toMatchObject({ creationDate: 1540910161000, fullPhoneNumbers: ['111-444444444'] })
  })
})

describe('the set of all names', () => {
  test('has every data point of every platform', () => {
    const all = CATALOG.flatMap(({ categories }) => categories.flatMap(({ dataPoints }) => dataPoints))
    expect([...CATALOG_NAMES].sort()).toEqual([...new Set(all.map(({ name }) => name))].sort())
  })

  test.each(['st_referrer', 'st_referer', 'started_at', 'callId', 'talk_seconds'])('has %s', (name) => {
    expect(CATALOG_NAMES.has(name)).toBe(true)
  })

  test('has every data point that can be derived', () => {
    expect([...DERIVED.keys()].filter((name) => !CATALOG_NAMES.has(name))).toEqual([])
  })
})

describe('the carrier’s own data points', () => {
  test('come as the last platform, as they were configured', () => {
    const own = [{ name: 'queue_depth', description: 'Callers waiting', example: 7 }]
    const catalog = catalogWith(own)
    expect(catalog.slice(0, -1)).toEqual(CATALOG)
    expect(catalog.at(-1)).toMatchObject({ id: 'own', categories: [{ dataPoints: own }] })
  })

  test('leave the catalogue as it is where there are none', () => {
    expect(catalogWith([])).toBe(CATALOG)
  })
})

describe('a path', () => {
  const known = new Set(['responses', 'ani', 'queue.depth'])
  test.each([
    ['ani', true],
    ['responses.1', true],
    ['responses.1.text', true],
    ['queue.depth', true],
    ['Ani', false],
    ['ani_', false],
    ['queue', false],
    ['queue.length', false],
    ['.ani', false],
    ['', false],
    ['constructor', false],
    ['__proto__.ani', false],
  ])('%j is known: %s', (path, expected) => {
    expect(isPointName(path, known)).toBe(expected)
  })
})
