/**
 * "Transcription Postback" of DialogTech's IVR webhook (dialogtech-ivr-webhook, last section), from the event that a
 * transcription is complete to the GET request that the customer's server sees.
 */
import { describe, expect, test } from 'vitest'
import {
  type Data,
  QUICK_RETRY,
  queryOf,
  requestTo,
  send,
  settledDeliveries,
  startPlatform,
  startReceiver,
} from './platform-world.ts'

const COMPLETED = 'transcription.completed'
const NAMES = ['survo_id', 'unique_id', 'question', 'duration', 'date', 'text']

const ONE: Data = {
  survo_id: '12345',
  unique_id: '998877',
  question: 1,
  duration: 12,
  date: '2019-03-27',
  text: 'I would like to order two pizzas & a coke',
}

const webhookAt = (url: string, settings: Data = {}) => ({
  id: 'texts',
  profile: 'dialogtech-transcription',
  url,
  retry: QUICK_RETRY,
  ...settings,
})

async function startTexts(path = '/texts.php', settings: Data = {}) {
  const receiver = await startReceiver()
  const world = await startPlatform({ webhooks: [webhookAt(`${receiver.origin}${path}`, settings)] })
  return { receiver, world }
}

describe('the Transcription Post Back URL', () => {
  test('gets the six parameters as a GET, byte by byte', async () => {
    const { receiver, world } = await startTexts()
    expect(await send(world, COMPLETED, ONE)).toBe(1)
    const request = await requestTo(receiver)
    expect(request.method).toBe('GET')
    expect(request.url).toBe(
      '/texts.php?survo_id=12345&unique_id=998877&question=1&duration=12&date=2019-03-27' +
        '&text=I%20would%20like%20to%20order%20two%20pizzas%20%26%20a%20coke',
    )
    expect(request.body).toBe('')
    expect(request.headers).not.toHaveProperty('content-type')
  })

  test('keeps its static parameters before them', async () => {
    const { receiver, world } = await startTexts('/texts?auth=abc123')
    await send(world, COMPLETED, ONE)
    const request = await requestTo(receiver)
    expect(queryOf(request).map(([name]) => name)).toEqual(['auth', ...NAMES])
  })

  test('is asked by GET only', async () => {
    const webhook = webhookAt('http://127.0.0.1:9/', { method: 'POST' })
    await expect(startPlatform({ webhooks: [webhook] })).rejects.toThrow('webhooks.0.method: GET is expected')
  })

  test('is reached through a worker thread as well', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({ workers: 1, webhooks: [webhookAt(`${receiver.origin}/texts.php`)] })
    await send(world, COMPLETED, ONE)
    expect(queryOf(await requestTo(receiver)).map(([name]) => name)).toEqual(NAMES)
  })
})

describe('Included GET Request parameters', () => {
  test.each([
    ['survo_id', '12345', '12345'],
    ['unique_id', 'r/1', 'r/1'],
    ['question', 2, '2'],
    ['duration', 37, '37'],
    ['date', '2019-03-27 20:05:00', '2019-03-27 20:05:00'],
    ['text', 'Größe? "10%" = ja\nund 😀', 'Größe? "10%" = ja\nund 😀'],
  ])('%s', async (name, value, sent) => {
    const { receiver, world } = await startTexts()
    await send(world, COMPLETED, { [name]: value })
    const request = await requestTo(receiver)
    expect(queryOf(request)).toEqual(NAMES.map((each) => [each, each === name ? sent : '']))
  })

  test('survo_id is the building block id of the IVR and unique_id the respondent id, where only the IVR names are known', async () => {
    const { receiver, world } = await startTexts()
    await send(world, COMPLETED, { ivr_id: '12345', ivr_response_id: '998877', question: 1 })
    const request = await requestTo(receiver)
    expect(queryOf(request).slice(0, 2)).toEqual([
      ['survo_id', '12345'],
      ['unique_id', '998877'],
    ])
  })

  test('the text of five minutes of speech goes through whole', async () => {
    const text = 'transcribed words, '.repeat(400)
    const { receiver, world } = await startTexts()
    await send(world, COMPLETED, { ...ONE, text })
    const request = await requestTo(receiver)
    expect(queryOf(request)).toContainEqual(['text', text])
  })
})

describe('a separate Post Back GET request for each question response that is transcribed', () => {
  test('three questions give three requests', async () => {
    const { receiver, world } = await startTexts()
    for (const question of [1, 2, 3]) await send(world, COMPLETED, { ...ONE, question }, { subject: 'call-1' })
    await requestTo(receiver, 3)
    const questions = receiver.received.map((request) => Object.fromEntries(queryOf(request))['question'])
    expect(questions.toSorted()).toEqual(['1', '2', '3'])
    expect(receiver.counts().size).toBe(3)
  })

  test('they come not in the order in which the questions are asked but as each transcription is complete', async () => {
    const { receiver, world } = await startTexts('/', { ordered: true })
    receiver.answer = (_, response) => response.writeHead(receiver.received.length === 1 ? 503 : 200).end()
    for (const question of [3, 1, 2]) await send(world, COMPLETED, { ...ONE, question }, { subject: 'call-1' })
    await requestTo(receiver, 4)
    const questions = receiver.received.map((request) => Object.fromEntries(queryOf(request))['question'])
    expect(questions).toEqual(['3', '3', '1', '2'])
  })
})

describe('The Post Back will not happen unless a transcription is completed', () => {
  test.each(['call.begin', 'call.end', 'call.ivr', 'transcription.started', 'TRANSCRIPTION.COMPLETED'])(
    '%s triggers none',
    async (type) => {
      const { receiver, world } = await startTexts()
      expect(await send(world, type, ONE)).toBe(0)
      await send(world, COMPLETED, { ...ONE, question: 9 })
      expect(queryOf(await requestTo(receiver))).toContainEqual(['question', '9'])
      expect(receiver.received).toHaveLength(1)
    },
  )

  test('nor for a webhook that is not active', async () => {
    const { world } = await startTexts('/', { active: false })
    expect(await send(world, COMPLETED, ONE)).toBe(0)
  })
})

describe('the URL is configured within the settings of an IVR', () => {
  test('a webhook bound to one IVR is sent only its transcriptions, an unbound one all that no binding names', async () => {
    const receiver = await startReceiver()
    const webhooks = ['one', 'two', 'rest'].map((id) => webhookAt(`${receiver.origin}/${id}`, { id }))
    const bindings = [
      { ivr: '12345', transcription: ['one'] },
      { ivr: '777', transcription: ['two', 'one'] },
    ]
    const world = await startPlatform({ webhooks, bindings })
    expect(await send(world, COMPLETED, ONE)).toBe(1)
    expect(await send(world, COMPLETED, { ...ONE, survo_id: '777' })).toBe(2)
    expect(await send(world, COMPLETED, { ...ONE, survo_id: '888' })).toBe(1)
    await requestTo(receiver, 4)
    const sent = receiver.received.map(({ url }) => url.split('&')[0]).toSorted()
    expect(sent).toEqual(['/one?survo_id=12345', '/one?survo_id=777', '/rest?survo_id=888', '/two?survo_id=777'])
  })

  test('a binding finds the IVR by ivr_id as well', async () => {
    const receiver = await startReceiver()
    const world = await startPlatform({
      webhooks: [webhookAt(receiver.origin)],
      bindings: [{ ivr: '12345', transcription: ['texts'] }],
    })
    expect(await send(world, COMPLETED, { ivr_id: '12345' })).toBe(1)
    expect(await send(world, COMPLETED, { ivr_id: '54321' })).toBe(0)
  })
})

describe('delivery', () => {
  test.each([200, 201, 202, 203, 204])('%i is success', async (status) => {
    const { receiver, world } = await startTexts()
    receiver.answer = (_, response) => response.writeHead(status).end()
    await send(world, COMPLETED, ONE)
    const [delivery] = await settledDeliveries(world, 1)
    expect(delivery).toMatchObject({ state: 'delivered', attempts: [{ attempt: 1, status }] })
  })

  test.each([205, 302, 400, 500])(
    '%i is tried again, by the schedule, and then kept among the dead letters',
    async (status) => {
      const { receiver, world } = await startTexts()
      receiver.answer = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end()
      await send(world, COMPLETED, ONE)
      const [delivery] = await settledDeliveries(world, 1)
      expect(delivery).toMatchObject({ state: 'dead', reason: 'status' })
      expect(delivery.attempts.map((attempt: { status: number }) => attempt.status)).toEqual([status, status, status])
      expect(receiver.received.map(({ url }) => url.split('?')[0])).toEqual(['/texts.php', '/texts.php', '/texts.php'])
      expect(receiver.counts().size).toBe(1)
    },
  )
})
