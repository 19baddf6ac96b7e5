/**
 * What a DialogTech post-call action includes whole - SourceTrak, LeadFlow, CAKE - and its Google Analytics option
 * (dialogtech-post-call-action, "Include ... Information" and "Post Call Action Option").
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  formOf,
  QUICK_RETRY,
  queryOf,
  requestTo,
  send,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

/** What the server of one action sees of one call. */
async function reportOf(data: Data, settings: Data, path = '/pca') {
  const receiver = await startReceiver()
  const webhook = { id: 'pca', profile: 'dialogtech-post-call', url: `${receiver.origin}${path}`, retry: QUICK_RETRY }
  const world = await startPlatform({ webhooks: [{ ...webhook, ...settings }] })
  expect(await send(world, 'call.end', data)).toBe(1)
  return await requestTo(receiver)
}

type Row = readonly [string, unknown, string]
const namesOf = (rows: readonly Row[]) => rows.map(([name]) => name)
const dataOf = (rows: readonly Row[]): Data => Object.fromEntries(rows.map(([name, value]) => [name, value]))
const sentOf = (rows: readonly Row[]) => rows.map(([name, , sent]) => [name, sent])

const SOURCETRAK: readonly Row[] = [
  ['st_rank', 1, '1'],
  ['st_search_term', 'air conditioning', 'air conditioning'],
  ['st_referer', 'www.google.com', 'www.google.com'],
  ['st_baseuri', 'https://www.example.com/?a=b&c=d', 'https://www.example.com/?a=b&c=d'],
  ['st_activity_keyword', 'hvac', 'hvac'],
  ['st_displayed_timestamp', '2019-03-28T00:05:00Z', '2019-03-27 20:05:00'],
  ['st_ip_address', '47.156.108.175', '47.156.108.175'],
  ['st_document_title', 'Home – Example', 'Home – Example'],
  ['st_browser', 'Firefox 79', 'Firefox 79'],
  ['st_os', 'Mac OS X', 'Mac OS X'],
  ['st_ibp_custom', 'custom=1', 'custom=1'],
  ['st_ibp_unique_id', 'u1', 'u1'],
  ['st_pid', 'p1', 'p1'],
  ['st_domain_set_id', 99, '99'],
  ['st_gclid', 'xyz123', 'xyz123'],
  ['st_google_ua_client_id', '1045219283.1553731200', '1045219283.1553731200'],
  ['st_pool_name', 'Pool A', 'Pool A'],
  ['st_location_name', 'Downtown', 'Downtown'],
  ['st_sourceguard', 'no', 'no'],
  ['st_campaign', 'Spring', 'Spring'],
  ['st_platform', 'Google Ads', 'Google Ads'],
  ['st_url_tag', 'utm_source=x', 'utm_source=x'],
]

const LEADFLOW: readonly Row[] = [
  ['call_date', '2019-03-27 20:05:00', '2019-03-27 20:05:00'],
  ['leadflow_set_name', 'Set 1', 'Set 1'],
  ['leadflow_id', 4711, '4711'],
  ['destination_name', 'Dealer & Sons', 'Dealer & Sons'],
  ['destination_number', '5556667777', '5556667777'],
  ['source_name', 'Radio', 'Radio'],
  ['phone_label', 'Radio Ad', 'Radio Ad'],
  ['source_number', '8005550001', '8005550001'],
  ['tag', 'north', 'north'],
  ['caller_id', '2223334444', '2223334444'],
  ['source_qualified', 'true', 'true'],
  ['destination_qualified', true, 'true'],
  ['rerouted', false, 'false'],
  ['repeat_source_caller', '0', '0'],
  ['talk_minutes', '0.5', '0.5'],
  ['talk_seconds', 29, '29'],
  ['total_minutes', '1.1', '1.1'],
  ['total_seconds', 61, '61'],
  ['call_duration', 2, '2'],
  ['source_price_per_call', '12.50', '12.50'],
  ['destination_price_per_call', 20.5, '20.5'],
  ['sid', 'b2f5ff47436671b6', 'b2f5ff47436671b6'],
  ['previous_qualified_source_call', 'a1', 'a1'],
  ['previous_qualified_destination_call', 'a2', 'a2'],
]

const CAKE: readonly Row[] = [
  ['cake_affiliate_id', 71, '71'],
  ['cake_offer_id', 72, '72'],
]

describe('Include SourceTrak Information', () => {
  test('when it is enabled, all 22 parameters are included in the request', async () => {
    const settings = { include: ['sourcetrak'], params: { who: 'caller_id' } }
    const post = await reportOf({ ...dataOf(SOURCETRAK), caller_id: '2223334444' }, settings)
    expect(SOURCETRAK).toHaveLength(22)
    expect(formOf(post)).toEqual([['who', '2223334444'], ...sentOf(SOURCETRAK)])
    const get = await reportOf(dataOf(SOURCETRAK), { include: ['sourcetrak'], method: 'GET' }, '/pca?client_id=1234')
    expect(queryOf(get)).toEqual([['client_id', '1234'], ...sentOf(SOURCETRAK)])
  })

  test.each(SOURCETRAK)('%s', async (name, value, sent) => {
    const request = await reportOf({ [name]: value }, { include: ['sourcetrak'] })
    expect(formOf(request)).toEqual(namesOf(SOURCETRAK).map((each) => [each, each === name ? sent : '']))
  })

  test('it does not apply to one-to-one calls, which have none of the parameters', async () => {
    const request = await reportOf({ sid: 's1' }, { include: ['sourcetrak'], params: { sid: 'sid' } })
    expect(request.body).toBe('sid=s1')
  })

  test('when it is not enabled, none is included', async () => {
    expect((await reportOf(dataOf(SOURCETRAK), { params: { sid: 'sid' } })).body).toBe('sid=')
  })

  test('st_referer is sent under this spelling where the call carries st_referrer', async () => {
    const request = await reportOf({ st_referrer: 'www.bing.com' }, { include: ['sourcetrak'] })
    expect(formOf(request)).toContainEqual(['st_referer', 'www.bing.com'])
    expect(formOf(request).map(([name]) => name)).not.toContain('st_referrer')
  })
})

describe('Include LeadFlow Information', () => {
  test('when it is enabled, all 24 parameters are included in the request', async () => {
    const request = await reportOf(dataOf(LEADFLOW), { include: ['leadflow'], params: { first: 'lookup_first_name' } })
    expect(LEADFLOW).toHaveLength(24)
    expect(formOf(request)).toEqual([['first', ''], ...sentOf(LEADFLOW)])
  })

  test.each(LEADFLOW.filter(([name]) => !['talk_seconds', 'total_seconds'].includes(name)))(
    '%s',
    async (name, value, sent) => {
      const request = await reportOf({ [name]: value }, { include: ['leadflow'] })
      expect(formOf(request)).toEqual(namesOf(LEADFLOW).map((each) => [each, each === name ? sent : '']))
    },
  )

  test.each([
    [29, 31, { talk_minutes: '0.5', total_seconds: '60', total_minutes: '1.0', call_duration: '1' }],
    [29, 32, { talk_minutes: '0.5', total_seconds: '61', total_minutes: '1.1', call_duration: '2' }],
    [121, 0, { talk_minutes: '2.1', total_seconds: '121', total_minutes: '2.1', call_duration: '3' }],
  ])(
    '%i talk seconds and %i intelligent seconds are rounded up to tenths of minutes and to minutes',
    async (talk, intelligent, sent) => {
      const data = { talk_seconds: talk, intelligent_seconds: intelligent }
      const request = await reportOf(data, { include: ['leadflow'] })
      expect(Object.fromEntries(formOf(request))).toMatchObject({ talk_seconds: String(talk), ...sent })
    },
  )

  test('call_date is Eastern time and source_number the dialed number, where the switch knows them by other names', async () => {
    const data = { started_at: '2019-03-28T00:05:00Z', called_number: '8005550001' }
    const request = await reportOf(data, { include: ['leadflow'] })
    expect(Object.fromEntries(formOf(request))).toMatchObject({
      call_date: '2019-03-27 20:05:00',
      source_number: '8005550001',
    })
  })

  test('a call without LeadFlow data sends the parameters empty', async () => {
    const request = await reportOf({}, { include: ['leadflow'] })
    expect(formOf(request)).toEqual(namesOf(LEADFLOW).map((name) => [name, '']))
  })
})

describe('CAKE', () => {
  test('if an integration is enabled, two additional parameters are included behind LeadFlow’s', async () => {
    const data = { ...dataOf(LEADFLOW), ...dataOf(CAKE) }
    const request = await reportOf(data, { include: ['leadflow', 'cake'] })
    expect(formOf(request)).toEqual([...sentOf(LEADFLOW), ...sentOf(CAKE)])
  })

  test.each(CAKE)('%s', async (name, value, sent) => {
    const request = await reportOf({ [name]: value }, { include: ['leadflow', 'cake'] })
    expect(Object.fromEntries(formOf(request))[name]).toBe(sent)
  })

  test('goes with LeadFlow only', async () => {
    await expect(reportOf({}, { include: ['cake'] })).rejects.toThrow('cake needs leadflow')
  })

  test('all groups together stand in the document’s order, whatever the order they are included in', async () => {
    const data = { ...dataOf(SOURCETRAK), ...dataOf(LEADFLOW), ...dataOf(CAKE) }
    const request = await reportOf(data, { include: ['cake', 'leadflow', 'sourcetrak'] })
    expect(formOf(request)).toEqual([...sentOf(SOURCETRAK), ...sentOf(LEADFLOW), ...sentOf(CAKE)])
  })
})

describe('Post Call Action Option', () => {
  const analytics = {
    option: 'google-analytics',
    measurementId: 'G-1A2B3C',
    apiSecret: 'se cret',
    params: { seconds: 'talk_seconds', campaign: 'st_campaign', source: { value: 'phone' } },
  }
  const data = { talk_seconds: 29, st_campaign: 'Spring "offer"', st_google_ua_client_id: '1045219283.1553731200' }

  test('"Call Detail Information" is what it is left on', async () => {
    const params = { sid: 'sid' }
    expect((await reportOf({ sid: 's1' }, { params })).body).toBe('sid=s1')
    expect((await reportOf({ sid: 's1' }, { params, option: 'call-detail' })).body).toBe('sid=s1')
  })

  test('"Google Analytics" sends the call as an event of the GA4 Measurement Protocol', async () => {
    const request = await reportOf(data, analytics, '/mp/collect')
    expect([request.method, request.url]).toEqual(['POST', '/mp/collect?measurement_id=G-1A2B3C&api_secret=se%20cret'])
    expect(request.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request.body)).toEqual({
      client_id: '1045219283.1553731200',
      events: [{ name: 'phone_call', params: { seconds: 29, campaign: 'Spring "offer"', source: 'phone' } }],
    })
  })

  test('the event is called as configured', async () => {
    const request = await reportOf(data, { ...analytics, eventName: 'inbound_call' })
    expect(JSON.parse(request.body).events[0].name).toBe('inbound_call')
  })

  test('the client id stays text, also when the switch carries it as a number', async () => {
    const request = await reportOf({ st_google_ua_client_id: 1045219283.5 }, analytics)
    expect(JSON.parse(request.body).client_id).toBe('1045219283.5')
  })
})
