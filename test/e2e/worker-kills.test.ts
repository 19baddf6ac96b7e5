/**
 * A worker killed again and again under load: no accepted event is lost, every invoke is answered, work goes on between.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { killThreads, watchThreads } from '../threads.ts'
import { Receiver } from '../worker/receiver.ts'
import { type Logged, startWorld } from './world.ts'

const KILLS = 30
const CONFIG = (origin: string): string => `
workers: 1
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${origin}/feed', body: '{"id": "%callid%"}', retry: { schedule: [0s, 50ms, 50ms, 50ms, 50ms, 50ms], jitter: 0 } }
  - { id: ask, profile: wix-answers-ivr, url: '${origin}/ask' }
`

test(`with its worker killed ${KILLS} times, the engine loses no event and answers every invoke`, async () => {
  await using receiver = await Receiver.start()
  receiver.answer = (_, response) => response.end()
  const threads = watchThreads()
  const world = await startWorld(CONFIG(receiver.origin))
  let isOver = false
  let accepted = 0
  let invokes = 0

  const feedCount = (): number => receiver.received.filter(({ url }) => url === '/feed').length
  const deaths = (): readonly Logged[] => world.logged.filter(({ message }) => message.includes('worker died'))
  const isWorkerReady = (): boolean => world.service.engine.readiness().every(({ ready }) => ready)
  const sendEvents = async (): Promise<void> => {
    for (let batch = 0; !isOver; batch += 1) {
      const lines = Array.from({ length: 20 }, (_, line) =>
        JSON.stringify({
          id: `${batch}-${line}`,
          type: 'call.end',
          subject: `c${batch}`,
          data: { callid: `${batch}-${line}` },
        }),
      )
      const { status, json } = await world.post('/v1/events', lines.join('\n'), {
        'content-type': 'application/x-ndjson',
      })
      expect(status).toBe(202)
      accepted += json.accepted.length
      // On a busy machine a thread takes long to come back: what waits for it must be done in the end, too.
      do await delay(2)
      while (!isOver && accepted - feedCount() > 2000)
    }
  }
  const invokeOn = async (): Promise<void> => {
    while (!isOver) {
      const { status, json } = await world.post('/v1/webhooks/ask/invoke', { data: { callId: 'c', input: '1' } })
      expect(status).toBe(200)
      expect(json.decision.kind).toBe('disconnect')
      invokes += 1
      await delay(2)
    }
  }
  const killAgainAndAgain = async (): Promise<number> => {
    let progressed = 0
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = feedCount()
      await receiver.until(() => feedCount() > before + 40)
      await expect.poll(() => isWorkerReady() && deaths().length === kill, { interval: 5 }).toBe(true)
      progressed += 1
      await killThreads(threads)
    }
    return progressed
  }

  const load = Promise.all([sendEvents(), invokeOn()])
  const kills = await killAgainAndAgain()
  isOver = true
  await load
  expect(kills).toBe(KILLS)
  expect(invokes).toBeGreaterThan(KILLS)

  // One that was in flight at three crashes is a dead letter, though the receiver may have had it.
  const kept = async (): Promise<number> => {
    const received = receiver.received.filter(({ url }) => url === '/feed').map(({ id }) => id)
    const { json } = await world.get('/v1/deliveries?state=dead&limit=1000')
    return new Set([...received, ...json.deliveries.map(({ id }: { readonly id: string }) => id)]).size
  }
  await expect.poll(kept).toBe(accepted)
  expect(deaths()).toHaveLength(KILLS)
}, 120_000)
