/**
 * AutoID's webhook: when it is sent (autoid-webhook, "you can enable webhooks at different areas of the system") and which
 * answers are success, as endpoint and switch see it.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  listenAt,
  QUICK_RETRY,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const TEMPLATES = [{ id: 'lead', type: 'json', format: '{"phone": "%ani%"}' }]

const webhook = (id: string, url: string, settings: Data = {}) => ({
  id,
  profile: 'autoid',
  url,
  template: 'lead',
  retry: QUICK_RETRY,
  ...settings,
})

/** Webhooks `crm`, `sms` and `log`, bound as told; gives which of them an event triggers. */
async function startBound(...bindings: readonly Data[]) {
  const receiver = await startReceiver()
  const webhooks = ['crm', 'sms', 'log'].map((id) => webhook(id, `${receiver.origin}/${id}`))
  const world = await startPlatform({ templates: TEMPLATES, webhooks, bindings })
  return async (type: string, data: Data): Promise<readonly string[]> => {
    receiver.received.length = 0
    const count = await send(world, type, data)
    await receiver.until(() => receiver.received.length === count)
    return receiver.received.map(({ url }) => url.slice(1)).toSorted()
  }
}

describe('Designate if the webhook will be sent at the beginning of the call or end of the call', () => {
  test.each([
    ['campaign', 'campaign_name', 'Sales Campaign'],
    ['treatment', 'treatment', 'Main/Sales'],
    ['dniCampaign', 'dni_campaign', 'Spring DNI'],
  ])('for each %s', async (key, point, value) => {
    const triggered = await startBound({ [key]: value, begin: ['crm'], end: ['sms', 'log'] })
    expect(await triggered('call.begin', { [point]: value })).toEqual(['crm'])
    expect(await triggered('call.end', { [point]: value })).toEqual(['log', 'sms'])
    expect(await triggered('call.ivr', { [point]: value })).toEqual([])
    expect(await triggered('call.end', { [point]: `${value} 2` })).toEqual([])
    expect(await triggered('call.end', { [point]: value.toUpperCase() })).toEqual([])
    expect(await triggered('call.end', {})).toEqual([])
  })

  test('the same webhook can be sent at both', async () => {
    const triggered = await startBound({ campaign: 'Sales Campaign', begin: ['crm'], end: ['crm'] })
    expect(await triggered('call.begin', { campaign_name: 'Sales Campaign' })).toEqual(['crm'])
    expect(await triggered('call.end', { campaign_name: 'Sales Campaign' })).toEqual(['crm'])
  })

  test('a webhook that is enabled nowhere is never sent', async () => {
    const triggered = await startBound()
    expect(await triggered('call.end', { campaign_name: 'Sales Campaign', treatment: 'Main/Sales' })).toEqual([])
  })

  test('campaign, treatment and DNI campaign add up, and a webhook is sent once', async () => {
    const triggered = await startBound(
      { campaign: 'C', end: ['crm'] },
      { treatment: 'T', end: ['crm', 'sms'] },
      { dniCampaign: 'D', end: ['log'] },
    )
    expect(await triggered('call.end', { campaign_name: 'C', treatment: 'T', dni_campaign: 'D' })).toEqual([
      'crm',
      'log',
      'sms',
    ])
    expect(await triggered('call.end', { campaign_name: 'C', treatment: 'T' })).toEqual(['crm', 'sms'])
  })

  test('what is sent at the beginning of a call has what is known then', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({
      workers: 1,
      templates: [{ id: 'lead', type: 'json', format: '{"phone": "%ani%", "seconds": %answered_time%}' }],
      webhooks: [webhook('crm', receiver.origin)],
      bindings: [{ campaign: 'C', begin: ['crm'], end: ['crm'] }],
    })
    await send(world, 'call.begin', { campaign_name: 'C', ani: '7776734736' })
    expect(JSON.parse((await requestTo(receiver)).body)).toEqual({ phone: '7776734736', seconds: null })
    await send(world, 'call.end', { campaign_name: 'C', ani: '7776734736', answered_time: 29 })
    expect(JSON.parse((await requestTo(receiver, 2)).body)).toEqual({ phone: '7776734736', seconds: 29 })
  })
})

describe('Example: an IVR call treatment is set up to have Sales, Service, Parts', () => {
  test.each([
    ['Main/Sales', ['crm']],
    ['Main/Service', []],
    ['Main/Parts', []],
    ['Main', []],
    ['Main/Sales/Used', []],
  ])('only callers who push ‘Sales’ will have calls sent to the CRM: %s', async (treatment, ids) => {
    const triggered = await startBound({ treatment: 'Main/Sales', end: ['crm'] })
    expect(await triggered('call.end', { treatment })).toEqual(ids)
  })
})

/** One webhook bound to campaign `C`, and how a call to it ends when the endpoint answers `status`. */
async function deliveredWith(status: number, settings: Data = {}) {
  const receiver = await startReceiver((_, response) =>
    response.writeHead(status, { location: '/other' }).end('answer'),
  )
  const world = await startPlatform({
    templates: TEMPLATES,
    webhooks: [webhook('crm', `${receiver.origin}/leads`, settings)],
    bindings: [{ campaign: 'C', end: ['crm'] }],
  })
  await send(world, 'call.end', { campaign_name: 'C', ani: '7776734736' })
  const [delivery] = await settledDeliveries(world, 1)
  return { delivery, receiver }
}

const CODES = [200, 201, 202, 203, 204]

describe('Success response code', () => {
  test.each(CODES)('200 OK is success; also can support %i', async (status) => {
    const { delivery } = await deliveredWith(status)
    expect(delivery).toMatchObject({ state: 'delivered', attempts: [{ attempt: 1, result: 'success', status }] })
  })

  test.each(CODES)('where %i is selected, it alone is success', async (selected) => {
    expect((await deliveredWith(selected, { successCodes: [selected] })).delivery.state).toBe('delivered')
    const other = selected === 200 ? 201 : 200
    const { delivery, receiver } = await deliveredWith(other, { successCodes: [selected] })
    expect(delivery).toMatchObject({ state: 'dead', reason: 'status' })
    expect(receiver.received).toHaveLength(3)
  })

  test('several can be selected', async () => {
    for (const status of [200, 202]) {
      expect((await deliveredWith(status, { successCodes: [200, 202] })).delivery.state).toBe('delivered')
    }
  })

  test.each([199, 205, 302])('%i can not be selected', async (status) => {
    await expect(deliveredWith(200, { successCodes: [status] })).rejects.toThrow(
      'webhooks.0.successCodes.0: 200, 201, 202, 203 or 204 is expected',
    )
  })

  test.each([205, 206, 301, 302, 400, 404, 429, 500, 503])(
    '%i is an error: the webhook is sent again',
    async (status) => {
      const { delivery, receiver } = await deliveredWith(status)
      expect(delivery).toMatchObject({ state: 'dead', reason: 'status' })
      expect(delivery.attempts).toMatchObject([1, 2, 3].map((attempt) => ({ attempt, result: 'failure', status })))
      expect(receiver.received.map(({ url, body }) => [url, body])).toEqual(
        Array.from({ length: 3 }, () => ['/leads', '{"phone": "7776734736"}']),
      )
      expect(receiver.counts().size).toBe(1)
    },
  )
})

describe('Error for retransmission once you’re back online', () => {
  const numbers = ['1', '2', '3', '4', '5']

  test.each([0, 1])(
    'with %i workers, calls that end while the server is down arrive when it is up again',
    async (workers) => {
      const down = await listenAt(0, (_, response) => response.end())
      await down.close()
      const world = await startPlatform({
        workers,
        templates: TEMPLATES,
        webhooks: [
          webhook('crm', `http://127.0.0.1:${down.port}/leads`, {
            circuit: { failures: 2, within: '60s', probe: '20ms' },
          }),
        ],
        bindings: [{ campaign: 'C', end: ['crm'] }],
      })
      for (const ani of numbers) expect(await send(world, 'call.end', { campaign_name: 'C', ani })).toBe(1)
      const circuits = async () => (await world.get('/v1/stats')).json.circuits
      await expect.poll(circuits, { interval: 10 }).toHaveLength(1)
      const bodies: string[] = []
      await listenAt(down.port, (request, response) => {
        request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk))
        request.on('end', () => response.end())
      })
      const deliveries = await settledDeliveries(world, numbers.length)
      expect(deliveries.map(({ state }) => state)).toEqual(numbers.map(() => 'delivered'))
      expect(bodies.toSorted()).toEqual(numbers.map((ani) => `{"phone": "${ani}"}`))
      expect(await circuits()).toEqual([])
    },
  )

  test('a server that answers 503 for a while gets each call exactly once more after it', async () => {
    let isDown = true
    const receiver = await startReceiver((_, response) => response.writeHead(isDown ? 503 : 200).end())
    const schedule = ['0s', ...Array.from({ length: 99 }, () => '20ms')]
    const world = await startPlatform({
      templates: TEMPLATES,
      webhooks: [webhook('crm', receiver.origin, { circuit: 'off', retry: { schedule, jitter: 0 } })],
      bindings: [{ campaign: 'C', end: ['crm'] }],
    })
    for (const ani of numbers) await send(world, 'call.end', { campaign_name: 'C', ani })
    await receiver.until(() => [...receiver.counts().values()].filter((count) => count >= 2).length === numbers.length)
    isDown = false
    const failed = receiver.received.length
    await settledDeliveries(world, numbers.length)
    const after = receiver.received.slice(failed).map(({ body }) => body)
    expect(after.toSorted()).toEqual(numbers.map((ani) => `{"phone": "${ani}"}`))
  })
})
