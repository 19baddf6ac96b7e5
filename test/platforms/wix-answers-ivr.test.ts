/**
 * Wix Answers' IVR webhook, sentence by sentence of its document (wix-answers-ivr-webhook): the payload, the two answers, and
 * the document's sample server steering live calls.
 */
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Answerer, Received } from '../worker/receiver.ts'
import { type Data, decide, invoke, requestTo, startPlatform, startReceiver } from './platform-world.ts'

const GUID = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064'
const BACKUP = { ivr: 'main-menu' }

/** "Example payload sent to your Webhook". */
const PAYLOAD = {
  callId: 'f304229f-dc2c-4c84-bc65-90c92a980dd7',
  from: { countryCode: '111', number: '444444444' },
  user: {
    id: '123abc45-67d8-912e-3fg4-56789h0123456',
    email: 'user@domain.com',
    emailStatus: 0,
    creationDate: 1540910161000,
    lastUpdateDate: 1540910161000,
    userType: 2,
    firstName: 'User',
    phoneNumbers: [{ countryCode: '111', number: '544444444' }],
    banned: false,
    uri: '/user/123abc45-67d8-912e-3fg4-56789h0123456',
    fullName: 'User User',
    hasEmail: false,
    hasName: false,
    fullPhoneNumbers: ['111-444444444'],
  },
  input: '1234',
}

async function startWix(answer: Answerer, settings: Data = {}, path = '/') {
  const receiver = await startReceiver(answer)
  const webhook = {
    id: 'wix',
    profile: 'wix-answers-ivr',
    url: `${receiver.origin}${path}`,
    backup: BACKUP,
    ...settings,
  }
  return { receiver, world: await startPlatform({ webhooks: [webhook] }) }
}

async function sentFor(data: Data) {
  const { receiver, world } = await startWix((_, response) => response.end())
  await decide(world, 'wix', data)
  return await requestTo(receiver)
}

async function decisionFor(status: number, body: string, type = 'text/html; charset=utf-8') {
  const { world } = await startWix((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
  return await decide(world, 'wix', PAYLOAD)
}

const backup = (reason: string) => ({ kind: 'backup', reason, detail: expect.any(String), backup: BACKUP })

describe('A POST HTTP/S request is sent to the external Webhook url', () => {
  test('with the example payload as JSON, members in its order', async () => {
    const request = await sentFor(PAYLOAD)
    expect(request).toMatchObject({ method: 'POST', url: '/' })
    expect(request.headers['content-type']).toMatch(/^application\/json\b/)
    expect(request.headers['content-length']).toBe(String(Buffer.byteLength(request.body)))
    expect(JSON.parse(request.body)).toEqual(PAYLOAD)
    expect(JSON.stringify(JSON.parse(request.body))).toBe(JSON.stringify(PAYLOAD))
  })

  test('with the four members and no other, whatever else the switch knows', async () => {
    const request = await sentFor({ balance: 12, ...PAYLOAD, ivr_id: '1' })
    expect(Object.keys(JSON.parse(request.body))).toEqual(['callId', 'from', 'user', 'input'])
  })

  test.each(['callId', 'from', 'user', 'input'] as const)('%s is left out where the call has none', async (absent) => {
    const { [absent]: _, ...data } = PAYLOAD
    expect(JSON.parse((await sentFor(data)).body)).toEqual(data)
  })

  test.each(['1234', '0012', '', '*'])('the input %j is the text that was entered', async (input) => {
    expect(JSON.parse((await sentFor({ callId: 'c', input })).body)).toEqual({ callId: 'c', input })
  })

  test('values of any kind stay what they are', async () => {
    const user = { name: '"Ü\\\n😀</script>', deep: [[1, null, { a: true }]], zero: 0, price: 1.5 }
    expect(JSON.parse((await sentFor({ user })).body)).toEqual({ user })
  })

  test('the url keeps its path and query, and no other method can be set', async () => {
    const { receiver, world } = await startWix((_, response) => response.end(), {}, '/hook?key=k%201')
    await decide(world, 'wix', PAYLOAD)
    expect((await requestTo(receiver)).url).toBe('/hook?key=k%201')
    for (const method of ['GET', 'PUT']) {
      await expect(startWix((_, response) => response.end(), { method })).rejects.toThrow('webhooks.0.method')
    }
  })
})

describe('Empty response: the call is disconnected', () => {
  test.each([200, 204])('%i without a body', async (status) => {
    expect(await decisionFor(status, '')).toEqual({ kind: 'disconnect' })
  })

  test.each([201, 202, 302, 404, 500])('%i without a body is no such response', async (status) => {
    expect(await decisionFor(status, '')).toEqual(backup('status'))
  })
})

describe('IVR GUID response: the ongoing call is redirected to that IVR', () => {
  test.each([
    [GUID, 'text/html; charset=utf-8'],
    [GUID, 'text/plain'],
    [GUID, 'application/json'],
    [`"${GUID}"`, 'application/json; charset=utf-8'],
    [` ${GUID}\r\n`, 'text/plain'],
  ])('%j as %s', async (body, type) => {
    expect(await decisionFor(200, body, type)).toEqual({ kind: 'redirect', ivr: GUID })
  })

  test.each([
    ['a word', 'success'],
    ['a GUID that is one digit short', GUID.slice(0, -1)],
    ['a GUID that is one digit long', `${GUID}0`],
    ['a GUID with a letter beyond f', GUID.replace('5', 'g')],
    ['two GUIDs', `${GUID}\n${GUID}`],
    ['an object', `{"ivr":"${GUID}"}`],
    ['a page', `<p>${GUID}</p>`],
  ])('%s is neither: backup', async (_, body) => {
    expect(await decisionFor(200, body)).toEqual(backup('invalid-response'))
  })

  test('quotes around it are fine in JSON only', async () => {
    expect(await decisionFor(200, `"${GUID}"`, 'text/plain')).toEqual(backup('invalid-response'))
  })

  test.each([201, 202, 203, 302, 403, 500])('a GUID with %i is backup', async (status) => {
    expect(await decisionFor(status, GUID)).toEqual(backup('status'))
  })
})

/** What the document's listing calls `res.send`, as Express answers it. */
function sendBody(response: ServerResponse, text = ''): void {
  if (text !== '') response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(text)
}

interface SampleUser {
  readonly id: string
  readonly pass: string
}

/** The document's sample server: its look-up of the caller and its comparison of the input. */
const sampleServer =
  (users: readonly SampleUser[], success: string, failure: string): Answerer =>
  ({ method, url, body }: Received, response) => {
    if (method !== 'POST' || url !== '/') return void response.writeHead(404).end()
    const { user: caller, input } = JSON.parse(body)
    const dbUser = users.find((user) => user.id === caller.id)
    if (dbUser === undefined) sendBody(response)
    else sendBody(response, dbUser.pass === input ? success : failure)
  }

describe('Example Use-Case', () => {
  const known = '602efa31-01d8-482d-8ff2-26910b026703'
  /** As in the listing, where both users have one id and both IVRs one GUID. */
  const listed = [
    { id: known, pass: '1234' },
    { id: known, pass: '4321' },
  ]
  const unknown = '123abc45-67d8-912e-3fg4-56789h0123456'
  const call = (id: string, input: string) => ({ ...PAYLOAD, user: { ...PAYLOAD.user, id }, input })

  test.each([
    ['Found user, correct password', known, '1234', { kind: 'redirect', ivr: GUID }],
    ['Found user, wrong password', known, '9999', { kind: 'redirect', ivr: GUID }],
    ['Could not find user, disconnecting call', unknown, '1234', { kind: 'disconnect' }],
  ])('the sample server as it stands: %s', async (_, id, input, decision) => {
    const { world } = await startWix(sampleServer(listed, GUID, GUID))
    expect(await decide(world, 'wix', call(id, input))).toEqual(decision)
  })

  const FAILURE = '0d3c5f1e-2b7a-4c8d-9e6f-112233445566'
  const second = '7b1d2c3e-0000-4000-8000-000000000002'

  test.each([
    ['matching ID: the success IVR', known, '1234', { kind: 'redirect', ivr: GUID }],
    ['no matching ID: the failure IVR', known, '4321', { kind: 'redirect', ivr: FAILURE }],
    ['another user, matching ID', second, '4321', { kind: 'redirect', ivr: GUID }],
    ['another user, no matching ID', second, '', { kind: 'redirect', ivr: FAILURE }],
    ['not found', unknown, '4321', { kind: 'disconnect' }],
  ])('with users and IVRs of their own: %s', async (_, id, input, decision) => {
    const users = [
      { id: known, pass: '1234' },
      { id: second, pass: '4321' },
    ]
    const { world } = await startWix(sampleServer(users, GUID, FAILURE))
    expect(await decide(world, 'wix', call(id, input))).toEqual(decision)
  })

  test('many calls at once are each directed to their own IVR', async () => {
    const users = Array.from({ length: 50 }, (_, index) => ({ id: `user-${index}`, pass: String(index) }))
    const { world } = await startWix(sampleServer(users, GUID, FAILURE))
    const decisions = await Promise.all(
      users.map(({ id, pass }, index) => decide(world, 'wix', call(id, index % 2 === 0 ? pass : 'x'), `call-${index}`)),
    )
    expect(decisions.map(({ ivr }) => ivr)).toEqual(users.map((_, index) => (index % 2 === 0 ? GUID : FAILURE)))
  })

  test('a caller who is no user breaks the sample server, and the call takes its backup', async () => {
    const answer: Answerer = (request, response) => {
      try {
        sampleServer(listed, GUID, GUID)(request, response)
      } catch (error) {
        // What Express does with an exception of a handler.
        response.writeHead(500).end(String(error))
      }
    }
    const { world } = await startWix(answer)
    const { user: _, ...data } = PAYLOAD
    expect(await decide(world, 'wix', data)).toEqual(backup('status'))
  })
})

describe('switches', () => {
  test('see the decision in a header as well', async () => {
    const { world } = await startWix((_, response) => response.end(GUID))
    const response = await fetch(`${world.url}/v1/webhooks/wix/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ data: PAYLOAD }),
    })
    expect(response.headers.get('switchhook-decision')).toBe('redirect')
    expect(await response.json()).toMatchObject({ webhook: 'wix', decision: { kind: 'redirect', ivr: GUID } })
  })

  test('get the attempt behind it', async () => {
    const { world } = await startWix((_, response) => response.end(GUID))
    expect((await invoke(world, 'wix', PAYLOAD)).attempt).toEqual({
      status: 200,
      durationMs: expect.any(Number),
      bytes: GUID.length,
    })
  })
})
