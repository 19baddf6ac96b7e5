/** Rendering without sending: what the API shows for each platform is, byte by byte, what the customer's server then sees. */
import { describe, expect, test } from 'vitest'
import { type Data, decide, requestTo, send, startPlatform, startReceiver } from './platform-world.ts'

const TEMPLATE = { id: 'lead', type: 'xml', format: '<lead id="%callid%">%ani% %campaign_name% %tags%</lead>' }

const DATA = {
  callid: '<"&\'>',
  ani: '777 673&4736',
  campaign_name: 'Größe 😀',
  tags: { Region: 'south' },
  responses: { 1: '5' },
  started_at: '2019-03-28T00:05:00Z',
  talk_seconds: 61,
  st_rank: 1,
  callId: 'c',
  input: '0012',
  text: 'a b\nc',
}

describe('what is rendered is what is sent', () => {
  test.each<readonly [string, Data]>([
    ['dialogtech-ivr', { method: 'GET', params: { qos: 'responses.1' }, include: ['sourcetrak'] }],
    ['dialogtech-ivr', { params: { qos: 'responses.1', who: 'ani' } }],
    ['dialogtech-transcription', {}],
    ['dialogtech-post-call', { include: ['sourcetrak', 'leadflow', 'cake'], params: { at: 'date_time' } }],
    [
      'dialogtech-post-call',
      { option: 'google-analytics', measurementId: 'G-1', apiSecret: 's', params: { n: 'talk_seconds' } },
    ],
    ['autoid', { template: 'lead', method: 'PUT', headers: [{ name: 'X-Source', value: 'phone' }] }],
    ['vcc-live-ivr', { contentType: 'json', body: `{"a": "$\{ani}", "b": $\{tags}}` }],
    ['wix-answers-ivr', {}],
    ['custom', { method: 'PATCH', body: '%ani%', contentType: 'text', headers: [{ name: 'X-C', value: '%ani%' }] }],
  ])('%s %j', async (profile, settings) => {
    const receiver = await startReceiver()
    const webhook = { id: 'w', profile, url: `${receiver.origin}/p%20q/x?key=k%201`, ...settings }
    const world = await startPlatform({ templates: [TEMPLATE], webhooks: [webhook] })
    const { status, json } = await world.post('/v1/webhooks/w/render', { data: DATA })
    expect(status).toBe(200)
    expect(receiver.received).toHaveLength(0)
    await decide(world, 'w', DATA)
    const request = await requestTo(receiver)
    // All but the secret, for which a placeholder stands.
    const shownUrl = request.url.replace(/(?<=[?&]api_secret=)[^&]*/, '%5Bsecret%5D')
    expect(json).toMatchObject({ method: request.method, url: `${receiver.origin}${shownUrl}` })
    expect(json.body ?? '').toBe(request.body)
    expect(request.headers).toMatchObject(json.headers)
  })
})

test('a delivery is sent as it is rendered, too', async () => {
  const receiver = await startReceiver()
  const world = await startPlatform({
    templates: [TEMPLATE],
    webhooks: [{ id: 'w', profile: 'autoid', url: receiver.origin, template: 'lead' }],
    bindings: [{ campaign: DATA.campaign_name, end: ['w'] }],
  })
  const { json } = await world.post('/v1/webhooks/w/render', { type: 'call.end', data: DATA })
  await send(world, 'call.end', DATA)
  expect((await requestTo(receiver)).body).toBe(json.body)
})

describe('every request says who sends it', () => {
  test.each([0, 1])('with %i workers', async (workers) => {
    const receiver = await startReceiver()
    const webhook = { id: 'w', profile: 'custom', on: ['call.end'], url: receiver.origin }
    const world = await startPlatform({ workers, webhooks: [webhook] })
    await decide(world, 'w', DATA)
    await send(world, 'call.end', DATA)
    await requestTo(receiver, 2)
    for (const { headers } of receiver.received) {
      expect(headers).toMatchObject({
        'user-agent': 'switchhook/1.2.3',
        'webhook-id': expect.stringMatching(/./),
        'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      })
      expect(headers).not.toHaveProperty('webhook-signature')
    }
  })
})
