/** Clients and servers that know nothing of Switchhook work with it unchanged. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CloudEvent, HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { startWorld } from './world.ts'

const run = promisify(execFile)
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const feed = (origin: string): string => `
webhooks:
  - id: feed
    profile: custom
    on: [call.end]
    method: POST
    url: '${origin}/feed'
    body: '{"call": "%callid%", "from": "%ani%"}'
    headers: [{ name: content-type, value: application/json }]
`

describe('A CloudEvents SDK client', () => {
  const call = new CloudEvent({
    id: 'e1',
    source: '/switch/1',
    type: 'call.end',
    subject: 'c1',
    data: { callid: 'c1', ani: '7776734736' },
  })

  test.each([
    ['binary', HTTP.binary(call)],
    ['structured', HTTP.structured(call)],
  ])('sends an event in %s mode', async (_, message) => {
    await using receiver = await Receiver.start()
    const world = await startWorld(feed(receiver.origin))
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
    const { status, json } = await world.post('/v1/events', String(message.body), headers)
    expect(status).toBe(202)
    expect(json).toEqual({ accepted: [{ index: 0, id: 'e1', deliveries: 1 }], duplicates: [], rejected: [] })
    await receiver.until(() => receiver.received.length === 1)
    expect(receiver.received[0]?.body).toBe('{"call": "c1", "from": "7776734736"}')
  })
})

describe('curl', () => {
  test('sends an event as a form, and asks for a decision by GET', async () => {
    await using receiver = await Receiver.start()
    receiver.answer = (_, response) => response.setHeader('content-type', 'text/plain').end('Thank you')
    const world = await startWorld(`${feed(receiver.origin)}
  - { id: score, profile: dialogtech-ivr, answer: message, method: GET, url: '${receiver.origin}/score' }
`)
    const events = `${world.url}/v1/events?type=call.end&subject=c1&id=e1`
    const sent = await run('curl', ['-sS', '--data-urlencode', 'ani=(777) 673+4736', '-d', 'callid=c1', events])
    expect(JSON.parse(sent.stdout)).toMatchObject({ accepted: [{ id: 'e1', deliveries: 1 }] })
    await receiver.until(() => receiver.received.length === 1)
    expect(receiver.received[0]?.body).toBe('{"call": "c1", "from": "(777) 673+4736"}')

    const url = `${world.url}/v1/webhooks/score/invoke?subject=c1&ivr_caller_id=7776734736`
    const asked = await run('curl', ['-sS', '-i', '-H', 'accept: application/x-www-form-urlencoded', url])
    expect(asked.stdout).toContain('switchhook-decision: speak')
    const form = new URLSearchParams(asked.stdout.split('\r\n\r\n')[1])
    expect(form.get('decision.kind')).toBe('speak')
    expect(form.get('decision.text')).toBe('Thank you')
  })
})

describe('A receiver', () => {
  test('that reads plain forms gets each parameter as it was', async () => {
    await using receiver = await Receiver.start()
    const world = await startWorld(`
webhooks:
  - id: log
    profile: dialogtech-post-call
    method: POST
    url: '${receiver.origin}/log.php?client_id=1234'
    params: { who: caller_id, said: comment }
dataPoints: [{ name: comment, description: What the caller said }]
`)
    const comment = 'a=b&c d+e%20ü "q" \r\n <x>'
    await world.post('/v1/events', { type: 'call.end', data: { caller_id: '777', comment } })
    await receiver.until(() => receiver.received.length === 1)
    const request = receiver.received[0]
    expect(request).toMatchObject({ method: 'POST', url: '/log.php?client_id=1234' })
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect([...new URLSearchParams(request?.body)]).toEqual([
      ['who', '777'],
      ['said', comment],
    ])
  })

  test('verifies signatures with the Standard Webhooks library, retries included', async () => {
    await using receiver = await Receiver.start()
    const verified: string[] = []
    receiver.answer = ({ headers, body }, response) => {
      new Webhook(SECRET).verify(
        body,
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      )
      verified.push(String(headers['webhook-id']))
      response.writeHead(verified.length < 3 ? 500 : 200).end()
    }
    const world = await startWorld(
      `${feed(receiver.origin)}    signing: { secret: { env: SECRET } }
    retry: { schedule: [0s, 10ms, 10ms], jitter: 0 }
`,
      { SECRET },
    )
    await world.post('/v1/events', { type: 'call.end', data: { callid: 'c1', ani: 'ü' } })
    await receiver.until(() => verified.length === 3)
    expect(new Set(verified).size).toBe(1)
  })
})
