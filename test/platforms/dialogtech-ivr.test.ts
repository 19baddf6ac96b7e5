/**
 * The requests of DialogTech's IVR webhook, sentence by sentence of its document (dialogtech-ivr-webhook, up to
 * "Include SourceTrak Data"), as a customer's server sees them.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  decide,
  formOf,
  invoke,
  queryOf,
  requestTo,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

/** "Available IVR Generated Parameters": each row with a value that needs to be encoded where one can. */
const IVR_ROWS: readonly (readonly [string, unknown, string])[] = [
  ['ivr_number_called', '8005550001', '8005550001'],
  ['ivr_caller_id', '+1 (222) 333-4444', '+1 (222) 333-4444'],
  ['ivr_id', 12345, '12345'],
  ['ivr_response_id', 'r-77/1', 'r-77/1'],
  ['ivr_timestamp', '2019-03-27 20:05:00', '2019-03-27 20:05:00'],
  ['ivr_pass_through', 'user_id|90786||step|verify_user', 'user_id|90786||step|verify_user'],
  ['ivr_session_id', 'b2f5ff47436671b6', 'b2f5ff47436671b6'],
  ['ivr_completed', true, 'True'],
  ['ivr_call_result', 'Answered & done', 'Answered & done'],
  ['ivr_monitored_time', 42, '42'],
  ['ivr_opted_out', '0', '0'],
  ['ivr_phone_label', 'Radio "Ad" = 50% ünique', 'Radio "Ad" = 50% ünique'],
]

/** "Include SourceTrak Data": each row, likewise. */
const SOURCETRAK_ROWS: readonly (readonly [string, unknown, string])[] = [
  ['st_rank', 1, '1'],
  ['st_search_term', 'air conditioning + heating', 'air conditioning + heating'],
  ['st_referrer', 'www.google.com', 'www.google.com'],
  ['st_baseuri', 'https://www.example.com/a?b=c&d=e#f', 'https://www.example.com/a?b=c&d=e#f'],
  ['st_activity_keyword', 'hvac', 'hvac'],
  ['st_displayed_timestamp', '2019-03-28T00:05:00Z', '2019-03-27 20:05:00'],
  ['st_ip_address', '47.156.108.175', '47.156.108.175'],
  ['st_document_title', 'Home – Example', 'Home – Example'],
  ['st_browser', 'Firefox 79', 'Firefox 79'],
  ['st_os', 'Mac OS X', 'Mac OS X'],
  ['st_ibp_custom', 'a=1&b=2', 'a=1&b=2'],
  ['st_ibp_unique_id', 'u/1', 'u/1'],
  ['st_pid', 'p1', 'p1'],
  ['st_domain_set_id', 99, '99'],
  ['st_gclid', 'xyz123', 'xyz123'],
  ['st_google_ua_client_id', '1045219283.1553731200', '1045219283.1553731200'],
  ['st_pool_name', 'Pool A', 'Pool A'],
  ['st_location_name', 'Downtown', 'Downtown'],
  ['st_sourceguard', 'false', 'false'],
  ['st_campaign', 'Spring', 'Spring'],
  ['st_platform', 'Google Ads', 'Google Ads'],
  ['st_url_tag', 'utm_source=x', 'utm_source=x'],
]

const IVR_NAMES = IVR_ROWS.map(([name]) => name)
const SOURCETRAK_NAMES = SOURCETRAK_ROWS.map(([name]) => name)
const dataOf = (rows: readonly (readonly [string, unknown, string])[]): Data =>
  Object.fromEntries(rows.map(([name, value]) => [name, value]))
const sentOf = (rows: readonly (readonly [string, unknown, string])[]) => rows.map(([name, , sent]) => [name, sent])

/** A webhook `score` of the document's example, with other settings where a test has some, and what comes of one call. */
async function callWith(settings: Data, data: Data) {
  const receiver = await startReceiver((_, response) => response.setHeader('content-type', 'text/plain').end('Thanks'))
  const webhook = { id: 'score', profile: 'dialogtech-ivr', url: `${receiver.origin}/listener.php?auth=abc123` }
  const world = await startPlatform({ webhooks: [{ ...webhook, ...settings }] })
  const decision = await decide(world, 'score', data)
  return { decision, request: await requestTo(receiver), world, receiver }
}

const QUESTION = { params: { qos: 'responses.1' } }

describe('Method', () => {
  test('GET: the IVR response data is included within the URL itself', async () => {
    const { request } = await callWith({ ...QUESTION, method: 'GET' }, { responses: { 1: '5' }, ...dataOf(IVR_ROWS) })
    expect(request.method).toBe('GET')
    expect(queryOf(request)).toEqual([['auth', 'abc123'], ['qos', '5'], ...sentOf(IVR_ROWS)])
    expect(request.body).toBe('')
    expect(request.headers).not.toHaveProperty('content-type')
    expect(request.headers).not.toHaveProperty('content-length')
  })

  test('GET: the URL is the one of the example, byte by byte, and every parameter follows percent-encoded', async () => {
    const { request } = await callWith({ ...QUESTION, method: 'GET' }, { responses: { 1: '5' }, ...dataOf(IVR_ROWS) })
    expect(request.url).toBe(
      '/listener.php?auth=abc123&qos=5' +
        '&ivr_number_called=8005550001&ivr_caller_id=%2B1%20(222)%20333-4444&ivr_id=12345&ivr_response_id=r-77%2F1' +
        '&ivr_timestamp=2019-03-27%2020%3A05%3A00&ivr_pass_through=user_id%7C90786%7C%7Cstep%7Cverify_user' +
        '&ivr_session_id=b2f5ff47436671b6&ivr_completed=True&ivr_call_result=Answered%20%26%20done&ivr_monitored_time=42' +
        '&ivr_opted_out=0&ivr_phone_label=Radio%20%22Ad%22%20%3D%2050%25%20%C3%BCnique',
    )
  })

  test('POST: the data is in the body and not in the URL', async () => {
    const { request } = await callWith({ ...QUESTION, method: 'POST' }, { responses: { 1: '5' }, ...dataOf(IVR_ROWS) })
    expect([request.method, request.url]).toEqual(['POST', '/listener.php?auth=abc123'])
    expect(formOf(request)).toEqual([['qos', '5'], ...sentOf(IVR_ROWS)])
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request.headers['content-length']).toBe(String(Buffer.byteLength(request.body)))
  })

  test('POST: the body is a standard form, byte by byte', async () => {
    const { request } = await callWith(
      { ...QUESTION, method: 'POST' },
      { responses: { 1: 'a b&c=d' }, ivr_phone_label: '50% ünique' },
    )
    expect(request.body).toBe(
      'qos=a+b%26c%3Dd&ivr_number_called=&ivr_caller_id=&ivr_id=&ivr_response_id=&ivr_timestamp=&ivr_pass_through=' +
        '&ivr_session_id=&ivr_completed=&ivr_call_result=&ivr_monitored_time=&ivr_opted_out=&ivr_phone_label=50%25+%C3%BCnique',
    )
  })
})

describe('Target URL', () => {
  test.each([
    ['/listener.php?auth=abc123', '/listener.php?auth=abc123&'],
    ['/sub/folder/listener.php', '/sub/folder/listener.php?'],
    ['/?a=1&b=x%20y&a=2', '/?a=1&b=x%20y&a=2&'],
    ['', '/?'],
  ])('%s keeps its page and static parameters as they are', async (path, start) => {
    const receiver = await startReceiver((_, response) => response.end('ok'))
    const webhook = { id: 'w', profile: 'dialogtech-ivr', method: 'GET', url: `${receiver.origin}${path}` }
    await invoke(await startPlatform({ webhooks: [webhook] }), 'w')
    const { url } = await requestTo(receiver)
    expect(url.startsWith(`${start}ivr_number_called=`)).toBe(true)
  })

  test('static parameters stay in the URL of a POST', async () => {
    const { request } = await callWith({ method: 'POST' }, {})
    expect(request.url).toBe('/listener.php?auth=abc123')
    expect(formOf(request).map(([name]) => name)).not.toContain('auth')
  })
})

describe('Call Generated Parameters', () => {
  test.each(['qos', 'Service Score', 'q&a', '10', 'größe'])(
    'the parameter name assigned to a response can be anything: %s',
    async (name) => {
      const { request } = await callWith(
        { method: 'GET', params: { [name]: 'responses.1' } },
        { responses: { 1: '5' } },
      )
      expect(queryOf(request)[1]).toEqual([name, '5'])
    },
  )

  test('each question is sent under the key that was defined for it, in the order defined', async () => {
    const params = [
      { name: 'zip', from: 'responses.2' },
      { name: 'qos', from: 'responses.1' },
      { name: '10', from: 'responses.3' },
    ]
    const { request } = await callWith({ method: 'GET', params }, { responses: { 1: '5', 2: '50035', 3: '#1' } })
    expect(request.url.startsWith('/listener.php?auth=abc123&zip=50035&qos=5&10=%231&ivr_number_called=')).toBe(true)
  })

  test('a recorded question has no answer to pass along and is sent empty', async () => {
    const { request } = await callWith(
      { method: 'GET', params: { qos: 'responses.1', spoken: 'responses.2' } },
      { responses: { 1: '5' } },
    )
    expect(queryOf(request).slice(1, 3)).toEqual([
      ['qos', '5'],
      ['spoken', ''],
    ])
  })

  test('an answer never adds a parameter of its own', async () => {
    const { request } = await callWith({ ...QUESTION, method: 'GET' }, { responses: { 1: '5&ivr_id=666#x' } })
    expect(queryOf(request).map(([name]) => name)).toEqual(['auth', 'qos', ...IVR_NAMES])
    expect(queryOf(request)[1]).toEqual(['qos', '5&ivr_id=666#x'])
  })
})

describe('Available IVR Generated Parameters are included on every WebHook', () => {
  test.each(IVR_ROWS)('%s', async (name, value, sent) => {
    for (const method of ['GET', 'POST']) {
      const { request } = await callWith({ method }, { [name]: value })
      const parameters = method === 'GET' ? queryOf(request).slice(1) : formOf(request)
      expect(parameters).toEqual(IVR_NAMES.map((each) => [each, each === name ? sent : '']))
    }
  })

  test.each([
    [true, 'True'],
    [false, 'False'],
    ['true', 'True'],
    ['False', 'False'],
  ])('ivr_completed is a True/False flag, as %j too', async (value, sent) => {
    const { request } = await callWith({ method: 'GET' }, { ivr_completed: value })
    expect(queryOf(request)).toContainEqual(['ivr_completed', sent])
  })
})

describe('Include SourceTrak Data', () => {
  test('when it is selected, all additional parameters are sent after the IVR generated ones', async () => {
    const data = { ...dataOf(IVR_ROWS), ...dataOf(SOURCETRAK_ROWS) }
    const { request } = await callWith({ method: 'GET', include: ['sourcetrak'] }, data)
    expect(queryOf(request)).toEqual([['auth', 'abc123'], ...sentOf(IVR_ROWS), ...sentOf(SOURCETRAK_ROWS)])
  })

  test('when it is not selected, none of them is sent', async () => {
    const { request } = await callWith({ method: 'GET' }, { ...dataOf(IVR_ROWS), ...dataOf(SOURCETRAK_ROWS) })
    expect(queryOf(request).map(([name]) => name)).toEqual(['auth', ...IVR_NAMES])
  })

  test.each(SOURCETRAK_ROWS)('%s', async (name, value, sent) => {
    const { request } = await callWith({ method: 'POST', include: ['sourcetrak'] }, { [name]: value })
    expect(formOf(request).slice(IVR_NAMES.length)).toEqual(
      SOURCETRAK_NAMES.map((each) => [each, each === name ? sent : '']),
    )
  })

  test('st_referrer is sent under this spelling where the call carries st_referer', async () => {
    const { request } = await callWith({ method: 'GET', include: ['sourcetrak'] }, { st_referer: 'www.bing.com' })
    expect(queryOf(request)).toContainEqual(['st_referrer', 'www.bing.com'])
    expect(queryOf(request).map(([name]) => name)).not.toContain('st_referer')
  })

  test.each([
    ['2019-01-15T17:00:00Z', '2019-01-15 12:00:00'],
    ['2019-07-15T16:00:00Z', '2019-07-15 12:00:00'],
    ['2019-03-10T06:59:59Z', '2019-03-10 01:59:59'],
    ['2019-03-10T07:00:00Z', '2019-03-10 03:00:00'],
    ['2019-03-27 20:05:00', '2019-03-27 20:05:00'],
  ])('st_displayed_timestamp %s is listed in Eastern time', async (carried, sent) => {
    const { request } = await callWith({ method: 'GET', include: ['sourcetrak'] }, { st_displayed_timestamp: carried })
    expect(queryOf(request)).toContainEqual(['st_displayed_timestamp', sent])
  })
})

describe('switches whose scripts build no JSON', () => {
  test('invoke by GET with the data points as query parameters', async () => {
    const { world, receiver } = await callWith({ ...QUESTION, method: 'GET' }, {})
    const { json } = await world.get('/v1/webhooks/score/invoke?subject=c1&responses.1=5&ivr_caller_id=2223334444')
    expect(json.decision).toEqual({ kind: 'speak', text: 'Thanks' })
    const request = await requestTo(receiver, 2)
    expect(queryOf(request)).toEqual(
      expect.arrayContaining([
        ['qos', '5'],
        ['ivr_caller_id', '2223334444'],
      ]),
    )
  })

  test('invoke by a form body', async () => {
    const { world, receiver } = await callWith({ ...QUESTION, method: 'GET' }, {})
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const { json } = await world.post('/v1/webhooks/score/invoke?subject=c1', 'responses.1=5&ivr_id=12345', form)
    expect(json.decision).toEqual({ kind: 'speak', text: 'Thanks' })
    const request = await requestTo(receiver, 2)
    expect(queryOf(request)).toEqual(
      expect.arrayContaining([
        ['qos', '5'],
        ['ivr_id', '12345'],
      ]),
    )
  })
})
