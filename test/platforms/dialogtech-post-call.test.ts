/**
 * DialogTech's post-call action: set-up and dynamic parameters, sentence by sentence of its document
 * (dialogtech-post-call-action, up to "Dynamic Parameters"), as a customer's server sees them.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  decide,
  formOf,
  QUICK_RETRY,
  queryOf,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const action = (id: string, url: string, settings: Data = {}) => ({
  id,
  profile: 'dialogtech-post-call',
  url,
  retry: QUICK_RETRY,
  ...settings,
})

/** One action, and what its server sees of one call. */
async function reportOf(data: Data, settings: Data = {}, path = '/') {
  const receiver = await startReceiver()
  const world = await startPlatform({ webhooks: [action('pca', `${receiver.origin}${path}`, settings)] })
  expect(await send(world, 'call.end', data)).toBe(1)
  return await requestTo(receiver)
}

describe('Introduction', () => {
  test('data is collected as calls complete: a call that begins or is under way triggers nothing', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({ webhooks: [action('pca', receiver.origin, { params: { sid: 'sid' } })] })
    for (const type of ['call.begin', 'call.ivr', 'transcription.completed']) expect(await send(world, type)).toBe(0)
    expect(await send(world, 'call.end', { sid: 's1' })).toBe(1)
    expect((await requestTo(receiver)).body).toBe('sid=s1')
    expect(receiver.received).toHaveLength(1)
  })

  test('calls can have multiple Post Call Actions, each with only the information it needs', async () => {
    const receiver = await startReceiver()
    const webhooks = [
      action('sales', `${receiver.origin}/sales`, { params: { who: 'caller_id' } }),
      action('billing', `${receiver.origin}/billing`, { method: 'GET', params: { minutes: 'rounded_talk_minutes' } }),
    ]
    const world = await startPlatform({ webhooks })
    expect(await send(world, 'call.end', { caller_id: '2223334444', talk_seconds: 61 })).toBe(2)
    await requestTo(receiver, 2)
    const seen = receiver.received.map(({ method, url, body }) => `${method} ${url} ${body}`.trim()).toSorted()
    expect(seen).toEqual(['GET /billing?minutes=2', 'POST /sales who=2223334444'])
  })

  test('as many or as few of the placeholders can be used, in any order', async () => {
    const params = { z: 'sid', a: 'caller_id', 10: 'called_number', again: 'sid' }
    const list = Object.entries(params).map(([name, from]) => ({ name, from }))
    const data = { sid: 's1', caller_id: '2223334444', called_number: '8005550001', call_type: 'Inbound' }
    const few = await reportOf(data, { method: 'GET', params: list.filter(({ name }) => name === 'a') })
    expect(few.url).toBe('/?a=2223334444')
    const order = ['z', '10', 'a', 'again'].map((name) => list.find((each) => each.name === name))
    const many = await reportOf(data, { method: 'GET', params: order })
    expect(many.url).toBe('/?z=s1&10=8005550001&a=2223334444&again=s1')
    const none = await reportOf(data, { method: 'GET' })
    expect(none.url).toBe('/')
  })
})

describe('Post Call Action Configuration', () => {
  test('it can be disabled at any time without having to delete it: a call that ends then is not reported', async () => {
    const receiver = await startReceiver()
    const webhooks = [action('pca', receiver.origin, { active: false }), action('other', receiver.origin)]
    const world = await startPlatform({ webhooks })
    expect(await send(world, 'call.end')).toBe(1)
    world.service.engine.setActive('pca', true)
    expect(await send(world, 'call.end')).toBe(2)
    world.service.engine.setActive('pca', false)
    expect(await send(world, 'call.end')).toBe(1)
  })

  test('what a disabled action has still to deliver is held, and sent once it is active again', async () => {
    const receiver = await startReceiver()
    const paths = ['/pca', '/other']
    const webhooks = paths.map((path) => action(path.slice(1), `${receiver.origin}${path}`))
    const world = await startPlatform({ webhooks })
    receiver.answer = ({ url }, response) => {
      const isFirst = url === '/pca' && receiver.received.filter((request) => request.url === '/pca').length === 1
      if (isFirst) world.service.engine.setActive('pca', false)
      response.writeHead(url === '/pca' && isFirst ? 503 : receiver.received.length < 4 ? 503 : 200).end()
    }
    await send(world, 'call.end')
    // The other webhook has had its three attempts by now, so the disabled one's second was long due.
    await receiver.until(() => receiver.received.filter(({ url }) => url === '/other').length === 3)
    const { json } = await world.get('/v1/deliveries?webhook=pca')
    expect(json.deliveries).toMatchObject([{ state: 'pending', attempts: [{ attempt: 1, status: 503 }] }])
    world.service.engine.setActive('pca', true)
    await receiver.until(() => receiver.received.filter(({ url }) => url === '/pca').length === 2)
    expect(await settledDeliveries(world, 2)).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
  })

  test.each(['Inbound', 'Outbound', 'Click-To-Call', 'Click-To-Find-Me', ''])(
    '"All Calls" triggers at the end of all calls: %s',
    async (callType) => {
      const request = await reportOf({ call_type: callType }, { scope: 'all-calls', params: { type: 'call_type' } })
      expect(formOf(request)).toEqual([['type', callType]])
    },
  )

  test('"All Calls" is what an action is enabled for unless it says otherwise', async () => {
    expect(await reportOf({ call_type: 'Inbound' })).toMatchObject({ method: 'POST' })
  })

  test('"Configured Numbers Only" executes only for numbers configured to trigger it', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({
      webhooks: [action('pca', receiver.origin, { scope: 'configured-numbers', params: { to: 'called_number' } })],
      bindings: [{ number: '8005550001', postCall: ['pca'] }],
    })
    expect(await send(world, 'call.end', { called_number: '8005550002' })).toBe(0)
    expect(await send(world, 'call.end', {})).toBe(0)
    expect(await send(world, 'call.end', { called_number: '8005550001' })).toBe(1)
    expect((await requestTo(receiver)).body).toBe('to=8005550001')
  })
})

describe('Target URL', () => {
  test.each([
    ['/sub-folder/postcall_handler.php', '/sub-folder/postcall_handler.php?sid=s1'],
    ['/?client_id=1234', '/?client_id=1234&sid=s1'],
    ['/handler?name1=value1&name2=value2&name3=value3', '/handler?name1=value1&name2=value2&name3=value3&sid=s1'],
  ])('%s is requested byte by byte, the dynamic parameters behind its static ones', async (path, target) => {
    expect((await reportOf({ sid: 's1' }, { method: 'GET', params: { sid: 'sid' } }, path)).url).toBe(target)
    const post = await reportOf({ sid: 's1' }, { method: 'POST', params: { sid: 'sid' } }, path)
    expect([post.url, post.body]).toEqual([path, 'sid=s1'])
  })

  test.each(['ftp://example.com/', 'example.com/handler', '/handler'])(
    'only http:// and https:// are supported, not %s',
    async (url) => {
      await expect(startPlatform({ webhooks: [action('pca', url)] })).rejects.toThrow('webhooks.0.url')
    },
  )
})

describe('Method', () => {
  const settings = { params: { sid: 'sid', who: 'caller_id' } }
  const data = { sid: 'a b', caller_id: '+1222' }

  test('GET carries the data in the URL', async () => {
    const request = await reportOf(data, { ...settings, method: 'GET' })
    expect(request).toMatchObject({ method: 'GET', url: '/?sid=a%20b&who=%2B1222', body: '' })
  })

  test('POST carries the data in the body', async () => {
    const request = await reportOf(data, { ...settings, method: 'POST' })
    expect(request).toMatchObject({ method: 'POST', url: '/', body: 'sid=a+b&who=%2B1222' })
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  test('no other method is set', async () => {
    const webhook = action('pca', 'http://127.0.0.1:9/', { method: 'PUT' })
    await expect(startPlatform({ webhooks: [webhook] })).rejects.toThrow('webhooks.0.method: POST or GET')
  })
})

/** Each of the document's dynamic parameters: its label, the data point, a value as the switch has it, as it is sent. */
const DYNAMIC: readonly (readonly [string, string, unknown, string])[] = [
  ['Date/Time', 'date_time', '2019-03-27 20:05:00', '2019-03-27 20:05:00'],
  ['SID', 'sid', 'b2f5ff47436671b6', 'b2f5ff47436671b6'],
  ['Call Type', 'call_type', 'Inbound', 'Inbound'],
  ['First Action', 'first_action', 'Virtual Receptionist', 'Virtual Receptionist'],
  ['Last Action', 'last_action', 'Find Me', 'Find Me'],
  ['All Actions', 'all_actions', 'Virtual Receptionist, Find Me', 'Virtual Receptionist, Find Me'],
  ['Click Description', 'click_description', 'Call us & save', 'Call us & save'],
  ['Click ID', 'click_id', 5501, '5501'],
  ['Called Number', 'called_number', '8005550001', '8005550001'],
  ['Caller ID', 'caller_id', '2223334444', '2223334444'],
  ['Intelligent Minutes', 'intelligent_minutes', '0.2', '0.2'],
  ['Talk Minutes', 'talk_minutes', '0.5', '0.5'],
  ['Enhanced Minutes', 'enhanced_minutes', '0.4', '0.4'],
  ['Rounded Intelligent Minutes', 'rounded_intelligent_minutes', 1, '1'],
  ['Rounded Talk Minutes', 'rounded_talk_minutes', 1, '1'],
  ['Rounded Enhanced Minutes', 'rounded_enhanced_minutes', 1, '1'],
  ['Call Duration', 'call_duration', 2, '2'],
  ['Transfer Type', 'transfer_type', 'Virtual Receptionist', 'Virtual Receptionist'],
  ['Transferred to Number', 'transferred_to_number', '5556667777', '5556667777'],
  ['Phone Label', 'phone_label', 'Radio Ad', 'Radio Ad'],
  ['Lookup - Last Name', 'lookup_last_name', 'Krueger', 'Krueger'],
  ['Lookup - First Name', 'lookup_first_name', 'Freddy', 'Freddy'],
  ['Lookup - Street Address', 'lookup_street_address', '1428 Elm Street', '1428 Elm Street'],
  ['Lookup - City', 'lookup_city', 'Springwood', 'Springwood'],
  ['Lookup - State', 'lookup_state', 'OH', 'OH'],
  ['Lookup - ZIP Code', 'lookup_zip_code', '05035', '05035'],
  ['Recording Duration (seconds)', 'recording_duration', 23, '23'],
  ['Call Transfer Status', 'call_transfer_status', 'Answered', 'Answered'],
  ['NetGet Status', 'netget_status', 'next-action', 'next-action'],
  ['Call Distributor Name', 'call_distributor_name', 'Sales Queue', 'Sales Queue'],
  ['Call Distributor ID', 'call_distributor_id', 6001, '6001'],
  ['Call Distributor Call Type (Inbound or Outbound)', 'call_distributor_call_type', 'Outbound', 'Outbound'],
  ['Call Distributor Agent Name', 'call_distributor_agent_name', 'Ünal Example', 'Ünal Example'],
  ['Call Distributor Agent ID', 'call_distributor_agent_id', 71, '71'],
  ['Call Distributor Time to Answer', 'call_distributor_time_to_answer', 6, '6'],
  ['Call Distributor Queue Hold Time', 'call_distributor_queue_hold_time', 0, '0'],
]

describe('Dynamic Parameters', () => {
  test('there are 36', () => {
    expect(new Set(DYNAMIC.map(([, name]) => name)).size).toBe(36)
  })

  test.each(DYNAMIC)('%s is sent under the name that is entered for it', async (label, name, value, sent) => {
    const settings = { method: 'GET', params: { [label]: name } }
    expect(queryOf(await reportOf({ [name]: value }, settings))).toEqual([[label, sent]])
  })

  test('all of them go into one request, in the order configured', async () => {
    const params = DYNAMIC.map(([label, name]) => ({ name: label, from: name }))
    const data = Object.fromEntries(DYNAMIC.map(([, name, value]) => [name, value]))
    expect(formOf(await reportOf(data, { params }))).toEqual(DYNAMIC.map(([label, , , sent]) => [label, sent]))
  })

  test('a value that the call does not have is sent empty, as lookups are without the Reverse Lookup Service', async () => {
    const params = { last: 'lookup_last_name', sid: 'sid' }
    expect((await reportOf({ sid: 's1' }, { params })).body).toBe('last=&sid=s1')
  })

  test.each([
    ['2019-03-28T00:05:00.000Z', '2019-03-27 20:05:00'],
    ['2019-01-01T04:59:59Z', '2018-12-31 23:59:59'],
    ['2019-11-03T05:59:59Z', '2019-11-03 01:59:59'],
    ['2019-11-03T06:00:00Z', '2019-11-03 01:00:00'],
  ])('Date/Time of a call that started at %s is in Eastern time', async (startedAt, sent) => {
    expect(formOf(await reportOf({ started_at: startedAt }, { params: { at: 'date_time' } }))).toEqual([['at', sent]])
  })

  test.each([
    [0, '0.0', '0'],
    [1, '0.1', '1'],
    [6, '0.1', '1'],
    [7, '0.2', '1'],
    [29, '0.5', '1'],
    [60, '1.0', '1'],
    [61, '1.1', '2'],
    [3600, '60.0', '60'],
  ])('%i seconds are %s minutes, and rounded up %s', async (seconds, minutes, rounded) => {
    const kinds = ['talk', 'intelligent', 'enhanced']
    const params = kinds.flatMap((kind) => [`${kind}_minutes`, `rounded_${kind}_minutes`])
    const data = Object.fromEntries(kinds.map((kind) => [`${kind}_seconds`, seconds]))
    const request = await reportOf(data, { params: params.map((name) => ({ name, from: name })) })
    expect(formOf(request).map(([, sent]) => sent)).toEqual([minutes, rounded, minutes, rounded, minutes, rounded])
  })

  test.each([
    [29, 31, '1'],
    [29, 32, '2'],
    [0, 1, '1'],
  ])('Call Duration of %i s talk and %i s before is %s', async (talk, intelligent, sent) => {
    const data = { talk_seconds: talk, intelligent_seconds: intelligent }
    expect((await reportOf(data, { params: { minutes: 'call_duration' } })).body).toBe(`minutes=${sent}`)
  })
})

describe('NetGet Status is the result of an IVR Webhook if one occurred', () => {
  test.each([
    ['<action><app>hangup</app></action>', 'next-action'],
    ['nonsense', 'backup invalid-response'],
  ])('%s gives %s', async (body, status) => {
    const receiver = await startReceiver((_, response) => response.end(body))
    const ivr = { id: 'ivr', profile: 'dialogtech-ivr', url: receiver.origin, answer: 'next-action' }
    const pca = action('pca', `${receiver.origin}/pca`, { params: { status: 'netget_status' } })
    const world = await startPlatform({ webhooks: [ivr, pca] })
    await decide(world, 'ivr', {}, 'call-1')
    await send(world, 'call.end', {}, { subject: 'call-1' })
    expect(formOf(await requestTo(receiver, 2))).toEqual([['status', status]])
    await send(world, 'call.end', {}, { subject: 'call-2' })
    expect(formOf(await requestTo(receiver, 3))).toEqual([['status', '']])
  })
})
