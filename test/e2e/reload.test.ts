/** Another configuration takes the place of the running one: all at once, and nothing under way is lost or mixed up. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { startWorld } from './world.ts'

/** A webhook that is sent each ended call, as a line of YAML. */
function feed(id: string, url: string, more = ''): string {
  return `  - { id: ${id}, profile: custom, on: [call.end], method: POST, url: '${url}', body: '%callid%', circuit: off${more} }\n`
}

const RETRIES = ', retry: { schedule: [0s, 1h], jitter: 0 }'

function endOf(call: string): object {
  return { id: call, type: 'call.end', subject: call, data: { callid: call } }
}

describe('what has changed', () => {
  test('is what the next attempt of a delivery uses', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = ({ url }, response) => response.writeHead(url === '/new' ? 200 : 500).end()
    const retries = ', retry: { schedule: [0s, 50ms, 50ms, 50ms, 50ms, 50ms, 50ms, 50ms, 50ms, 1h], jitter: 0 }'
    const world = await startWorld(`webhooks:\n${feed('crm', `${receiver.origin}/old`, retries)}`)
    await world.post('/v1/events', endOf('c1'))
    await receiver.until(() => receiver.received.length === 1)
    await world.reload(`webhooks:\n${feed('crm', `${receiver.origin}/new`, retries)}`)
    await receiver.until(() => receiver.received.at(-1)?.url === '/new')
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { pending: 0, delivered: 1 } })
  })

  test('is not what a request in flight was begun with: that ends as it began', async () => {
    await using receiver = await Receiver.start()
    const held: (() => void)[] = []
    receiver.answer = ({ url }, response) => {
      held.push(() => response.end(url))
    }
    const ask = (path: string, answer: string): string =>
      `webhooks:\n  - { id: ask, profile: custom, answer: ${answer}, method: POST, url: '${receiver.origin}${path}' }\n${feed('crm', `${receiver.origin}/crm`)}`
    const world = await startWorld(ask('/old', 'message'))
    const first = world.post('/v1/webhooks/ask/invoke', endOf('c1'))
    await world.post('/v1/events', endOf('c1'))
    await receiver.until(() => receiver.received.length === 2)
    await world.reload(ask('/new', 'status'))
    const second = world.post('/v1/webhooks/ask/invoke', endOf('c1'))
    await receiver.until(() => receiver.received.length === 3)
    for (const release of held) release()
    expect((await first).json.decision).toEqual({ kind: 'speak', text: '/old' })
    expect((await second).json.decision).toEqual({ kind: 'continue' })
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { delivered: 1 } })
  })

  test('lets go what waited for a limit that is no longer there', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = () => undefined
    const world = await startWorld(`webhooks:\n${feed('crm', receiver.origin, ', concurrency: 1')}`)
    await world.post('/v1/events', endOf('c1'))
    await world.post('/v1/events', endOf('c2'))
    await receiver.until(() => receiver.received.length === 1)
    await world.reload(`webhooks:\n${feed('crm', receiver.origin)}`)
    await receiver.until(() => receiver.received.length === 2)
  })

  test('can be what a webhook may name, how much may wait, and what catalogue and stats show', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const world = await startWorld(
      `store: { engine: memory, backlog: { perEndpoint: 1 } }\nwebhooks:\n${feed('crm', receiver.origin, RETRIES)}`,
    )
    expect((await world.post('/v1/events', endOf('c1'))).status).toBe(202)
    expect((await world.post('/v1/events', endOf('c2'))).status).toBe(429)
    await world.reload(
      `store: { engine: memory, backlog: { perEndpoint: 3 } }\ndataPoints: [ { name: queue_depth, description: Waiting, example: 7 } ]\nwebhooks:\n${feed('crm', receiver.origin, RETRIES)}${feed('depth', receiver.origin, RETRIES).replace('%callid%', '%queue_depth%')}`,
    )
    const event = { ...endOf('c2'), data: { callid: 'c2', queue_depth: 7 } }
    expect((await world.post('/v1/events', event)).json).toMatchObject({ accepted: [{ deliveries: 2 }] })
    await receiver.until(() => receiver.received.some(({ body }) => body === '7'))
    expect(JSON.stringify((await world.get('/v1/catalog')).json)).toContain('queue_depth')
    expect((await world.get('/v1/stats')).json).toMatchObject({
      webhooks: 2,
      config: { loadedAt: expect.any(String), lastReload: { at: expect.any(String), result: 'success', issues: [] } },
    })
  })

  test('in where it listens, in the store, or in the number of threads waits for the next start, and says so', async () => {
    const world = await startWorld('workers: 0')
    const waiting = await world.reload('workers: 1\nstore: { engine: memory, retention: { dead: 1d } }')
    expect(waiting).toEqual(['workers'])
    expect((await world.get('/v1/stats')).json.config.lastReload.issues).toEqual([
      'workers takes effect at the next start',
    ])
  })
})

describe('a webhook that is gone', () => {
  test('leaves its deliveries dead, and no flag for one that comes after it', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = ({ url }, response) => response.writeHead(url === '/gone' ? 410 : 500).end()
    const yaml = `webhooks:\n${feed('late', `${receiver.origin}/late`, RETRIES)}${feed('off', `${receiver.origin}/gone`, RETRIES)}`
    const kept = feed('kept', `${receiver.origin}/kept`, RETRIES)
    const world = await startWorld(yaml + kept)
    await world.post('/v1/events', endOf('c1'))
    await expect
      .poll(() => world.get('/v1/stats').then(({ json }) => json))
      .toMatchObject({ inFlight: 0, outbox: { pending: 3 }, deactivated: [{}] })

    await world.reload(`webhooks:\n${kept}`)
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { pending: 1, dead: 2 } })
    const { json } = await world.get('/v1/deliveries?state=dead')
    expect(json.deliveries).toMatchObject([{ reason: 'webhook-removed' }, { reason: 'webhook-removed' }])
    expect(world.logged).toContainEqual({
      level: 'warn',
      fields: { removed: expect.any(Number) },
      message: 'deliveries of webhooks that no longer exist are dead letters now',
    })

    receiver.answer = (_, response) => response.end()
    await world.reload(yaml)
    await world.post('/v1/events', endOf('c2'))
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { delivered: 2 }, deactivated: [] })
  })

  test('does not take the delivery with it that is in flight', async () => {
    await using receiver = await Receiver.start()
    const held: (() => void)[] = []
    receiver.answer = (_, response) => {
      held.push(() => response.end())
    }
    const world = await startWorld(`webhooks:\n${feed('crm', receiver.origin)}`)
    await world.post('/v1/events', endOf('c1'))
    await receiver.until(() => receiver.received.length === 1)
    await world.reload('webhooks: []')
    for (const release of held) release()
    await expect.poll(() => world.service.engine.stats()).toMatchObject({ outbox: { pending: 0, delivered: 1 } })
  })
})

test('a hundred reloads under load lose no event, refuse none, and render none by half of each', async () => {
  await using receiver = await Receiver.start()
  const yaml = (version: string): string =>
    `webhooks:\n${feed('crm', `${receiver.origin}/${version}`).replace('%callid%', `${version} %callid%`)}${feed(version, `${receiver.origin}/other`)}`
  const world = await startWorld(yaml('a'))
  let isReloading = true
  let sent = 0
  const send = async (): Promise<void> => {
    while (isReloading) {
      const { status } = await world.post('/v1/events', endOf(`c${sent++}`))
      expect(status).toBe(202)
      const { json } = await world.post('/v1/webhooks/crm/invoke', { data: { callid: 'live' } })
      expect(json.decision.kind).toBe('continue')
    }
  }
  const reload = async (): Promise<void> => {
    for (let count = 0; count < 100; count += 1) {
      await world.reload(yaml(count % 2 === 0 ? 'b' : 'a'))
      await pause(5)
    }
    isReloading = false
  }
  await Promise.all([reload(), send(), send(), send()])

  await expect.poll(() => world.service.engine.stats()).toMatchObject({ inFlight: 0, outbox: { pending: 0 } })
  const crm = receiver.received.filter(({ url, body }) => url !== '/other' && !body.endsWith('live'))
  expect(new Set(crm.map(({ body }) => body.split(' ')[1])).size).toBe(sent)
  expect(crm.filter(({ url, body }) => !body.startsWith(`${url.slice(1)} `))).toEqual([])
  // The one webhook that every other reload removed: its deliveries arrived, or say why they did not.
  const { json } = await world.get('/v1/deliveries?state=dead&limit=1000')
  expect(json.deliveries.filter(({ reason }: { reason: string }) => reason !== 'webhook-removed')).toEqual([])
})
