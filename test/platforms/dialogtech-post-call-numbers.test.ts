/**
 * "Configuring Phone Number Post Call Action Settings" and "SourceTrak PCA Settings" (dialogtech-post-call-action): which
 * actions a call executes, and that what was accepted gets there, over http and https.
 */
import { readFileSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Data,
  QUICK_RETRY,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const webhooksAt = (origin: string) =>
  [
    { id: 'all-1', scope: 'all-calls' },
    { id: 'all-2', scope: 'all-calls' },
    { id: 'all-off', scope: 'all-calls', active: false },
    { id: 'some-1', scope: 'configured-numbers' },
    { id: 'some-2', scope: 'configured-numbers' },
    { id: 'some-off', scope: 'configured-numbers', active: false },
  ].map((webhook) => ({
    ...webhook,
    profile: 'dialogtech-post-call',
    url: `${origin}/${webhook.id}`,
    retry: QUICK_RETRY,
  }))

const ALL = ['/all-1', '/all-2']

/** Which actions a call with `data` executes. */
async function executed(bindings: readonly Data[], data: Data): Promise<readonly string[]> {
  const receiver = await startReceiver()
  const world = await startPlatform({ webhooks: webhooksAt(receiver.origin), bindings })
  const count = await send(world, 'call.end', data)
  await receiver.until(() => receiver.received.length === count)
  return receiver.received.map(({ url }) => url).toSorted()
}

describe('Send Post Call Data for a phone number', () => {
  const called = { called_number: '8005550001' }

  test('Account-Wide: calls execute all active actions configured for "all calls"', async () => {
    expect(await executed([{ number: '8005550001', postCall: 'account-wide' }], called)).toEqual(ALL)
  })

  test('a number for which nothing is configured is account-wide', async () => {
    expect(await executed([{ number: '8005550002', postCall: 'none' }], called)).toEqual(ALL)
    expect(await executed([], {})).toEqual(ALL)
  })

  test.each(['some-1', 'all-2'])('A Specific Post Call Action: calls only execute the one selected, %s', async (id) => {
    expect(await executed([{ number: '8005550001', postCall: [id] }], called)).toEqual([`/${id}`])
  })

  test('several specific actions are executed together', async () => {
    const bindings = [{ number: '8005550001', postCall: ['some-2', 'all-1'] }]
    expect(await executed(bindings, called)).toEqual(['/all-1', '/some-2'])
  })

  test.each(['some-off', 'all-off'])(
    'a specific action that is not active (%s) leaves nothing to execute',
    async (id) => {
      expect(await executed([{ number: '8005550001', postCall: [id] }], called)).toEqual([])
    },
  )

  test('No Post Call Actions: calls execute none', async () => {
    expect(await executed([{ number: '8005550001', postCall: 'none' }], called)).toEqual([])
  })

  test.each([
    ['8005550001', '800-555-0001'],
    ['(800) 555-0001', '8005550001'],
    [8005550001, '8005550001'],
  ])('the number configured as %j is the one called as %j', async (number, calledNumber) => {
    expect(await executed([{ number, postCall: ['some-1'] }], { called_number: calledNumber })).toEqual(['/some-1'])
  })

  test.each([
    [{ called_number: '8005550001', tracking: '1', ivr_number_called: '2' }, ['/some-1']],
    [{ tracking: '8005550001', ivr_number_called: '2' }, ['/some-1']],
    [{ ivr_number_called: '8005550001' }, ['/some-1']],
    [{ called_number: '1', tracking: '8005550001' }, ALL],
    [{ caller_id: '8005550001' }, ALL],
  ])('the number that was called is found in %j', async (data, urls) => {
    expect(await executed([{ number: '8005550001', postCall: ['some-1'] }], data)).toEqual(urls)
  })
})

describe('SourceTrak PCA Settings', () => {
  const bindings = [
    { number: '8005550001', postCall: ['some-1'] },
    { pool: 'Pool A', postCall: ['some-2'] },
    { pool: 'Pool B', postCall: 'none' },
    { adGroup: 'Group 1', postCall: ['all-1'] },
    { adGroup: 'Group 2', postCall: 'account-wide' },
  ]

  test.each([
    ['a pool has the setting', { st_pool_name: 'Pool A' }, ['/some-2']],
    ['a pool can have none', { st_pool_name: 'Pool B' }, []],
    ['an Ad Group has the setting', { ad_group: 'Group 1' }, ['/all-1']],
    ['an Ad Group can be account-wide', { ad_group: 'Group 2' }, ALL],
    ['any other is account-wide', { st_pool_name: 'Pool C', ad_group: 'Group 3' }, ALL],
    ["the number's goes before its pool's", { called_number: '8005550001', st_pool_name: 'Pool B' }, ['/some-1']],
    ["the pool's goes before its ad group's", { st_pool_name: 'Pool A', ad_group: 'Group 1' }, ['/some-2']],
    ["a number without one leaves it to its pool's", { called_number: '8', st_pool_name: 'Pool B' }, []],
  ])('%s', async (_, data, urls) => {
    expect(await executed(bindings, data)).toEqual(urls)
  })

  test('settings of another account count for its own calls only', async () => {
    const receiver = await startReceiver()
    const [first, ...rest] = webhooksAt(receiver.origin)
    const world = await startPlatform({
      webhooks: [{ ...first, account: 'acme' }, ...rest],
      bindings: [{ account: 'acme', number: '8005550001', postCall: 'none' }],
    })
    const called = { called_number: '8005550001' }
    expect(await send(world, 'call.end', called)).toBe(1)
    expect(await send(world, 'call.end', called, { account: 'acme' })).toBe(0)
    expect(await send(world, 'call.end', { called_number: '1' }, { account: 'acme' })).toBe(1)
    await requestTo(receiver, 2)
    expect(receiver.received.map(({ url }) => url).toSorted()).toEqual(['/all-1', '/all-2'])
  })
})

describe('This will deliver the data as each call completes', () => {
  test.each([200, 201, 202, 203, 204])('%i is success', async (status) => {
    const receiver = await startReceiver((_, response) => response.writeHead(status).end())
    const world = await startPlatform({ webhooks: webhooksAt(receiver.origin).slice(0, 1) })
    await send(world, 'call.end')
    expect(await settledDeliveries(world, 1)).toMatchObject([{ state: 'delivered', attempts: [{ status }] }])
  })

  test('a server that fails gets the same report again, under the same id, until it succeeds', async () => {
    const receiver = await startReceiver((_, response) => {
      if (receiver.received.length === 1) response.writeHead(500).end('try later')
      else if (receiver.received.length === 2) response.destroy()
      else response.end()
    })
    const webhooks = webhooksAt(receiver.origin)
      .slice(0, 1)
      .map((webhook) => ({ ...webhook, params: { sid: 'sid' } }))
    const world = await startPlatform({ workers: 1, webhooks })
    await send(world, 'call.end', { sid: 's1' })
    await requestTo(receiver, 3)
    expect(receiver.received.map(({ body }) => body)).toEqual(['sid=s1', 'sid=s1', 'sid=s1'])
    expect(receiver.counts().size).toBe(1)
    expect(await settledDeliveries(world, 1)).toMatchObject([
      { state: 'delivered', attempts: [{ status: 500, answer: 'try later' }, { status: 0 }, { status: 200 }] },
    ])
  })
})

describe('Both http:// and https:// are supported', () => {
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')

  test('over https a report reaches a server with a certificate that this machine trusts', async () => {
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, fixture('ca.crt')])
    onTestFinished(() => setDefaultCACertificates(before))
    const bodies: string[] = []
    const server = createHttpsServer({ cert: fixture('good.crt'), key: fixture('good.key') }, (request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk))
      request.on('end', () => response.end())
    })
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const webhook = {
      id: 'pca',
      profile: 'dialogtech-post-call',
      url: `https://127.0.0.1:${port}/`,
      params: { sid: 'sid' },
    }
    const world = await startPlatform({ webhooks: [{ ...webhook, retry: QUICK_RETRY }] })
    await send(world, 'call.end', { sid: 's1' })
    expect(await settledDeliveries(world, 1)).toMatchObject([{ state: 'delivered' }])
    expect(bodies).toEqual(['sid=s1'])
  })
})
