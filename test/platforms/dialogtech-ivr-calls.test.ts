/**
 * Calls of several steps through DialogTech's IVR webhook: "Using User Parameters" and "Using Pass-Through Data"
 * (dialogtech-ivr-webhook), and how switches are told the next action.
 */
import { describe, expect, test } from 'vitest'
import type { Received } from '../worker/receiver.ts'
import { decide, queryOf, requestTo, startPlatform, startReceiver } from './platform-world.ts'

const parameterOf = (request: Received, name: string): string | undefined =>
  queryOf(request).find(([each]) => each === name)?.[1]

const ivr = (id: string, more = ''): string =>
  `<action><app>ivr</app><parameters><id>${id}</id>${more}</parameters></action>`

/** A webhook that asks for the next action by GET, and a server that answers the bodies in turn, the last again and again. */
async function startCalls(...bodies: readonly string[]) {
  const receiver = await startReceiver((_, response) => {
    response.end(bodies[Math.min(receiver.received.length, bodies.length) - 1])
  })
  const params = { answer: 'responses.1', first: 'firstname', one: 'param1', two: 'param2' }
  const webhook = { id: 'steps', profile: 'dialogtech-ivr', method: 'GET', url: receiver.origin, answer: 'next-action' }
  const world = await startPlatform({ webhooks: [{ ...webhook, params }] })
  return { receiver, world }
}

describe('Using User Parameters', () => {
  test('the example sets param1 to alpha and param2 to bravo', async () => {
    const body = `<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
    </parameters>
</action>`
    const { world, receiver } = await startCalls(body)
    expect(await decide(world, 'steps', {}, 'call-1')).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
    })
    await decide(world, 'steps', {}, 'call-1')
    const second = await requestTo(receiver, 2)
    expect([parameterOf(second, 'one'), parameterOf(second, 'two')]).toEqual(['alpha', 'bravo'])
  })

  test('the IVR can support almost any naming convention, such as firstname and lastname', async () => {
    const names =
      '<user_parameters><firstname>Freddy</firstname><last-name>K</last-name><Größe.2>x</Größe.2></user_parameters>'
    const { world, receiver } = await startCalls(ivr('1', names))
    expect(await decide(world, 'steps', {}, 'call-1')).toMatchObject({
      userParameters: { firstname: 'Freddy', 'last-name': 'K', 'Größe.2': 'x' },
    })
    await decide(world, 'steps', {}, 'call-1')
    expect(parameterOf(await requestTo(receiver, 2), 'first')).toBe('Freddy')
  })

  test('user parameters of one call are unknown to another', async () => {
    const { world, receiver } = await startCalls(
      ivr('1', '<user_parameters><firstname>Freddy</firstname></user_parameters>'),
    )
    await decide(world, 'steps', {}, 'call-1')
    await decide(world, 'steps', {}, 'call-2')
    expect(parameterOf(await requestTo(receiver, 2), 'first')).toBe('')
  })
})

describe('Using Pass-Through Data', () => {
  const PASS_THROUGH = 'user_id|90786||step|verify_user'

  test('the example has two pass-through parameters', async () => {
    const body = `<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
        <p_t>user_id|90786||step|verify_user</p_t>
    </parameters>
</action>`
    const { world } = await startCalls(body)
    expect(await decide(world, 'steps', {}, 'call-1')).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
      passThrough: PASS_THROUGH,
      passThroughValues: { user_id: '90786', step: 'verify_user' },
    })
  })

  test.each(['my pass through data', 'a|b|c', 'a||b'])(
    'data without that format (%s) is passed as it is',
    async (text) => {
      const { world, receiver } = await startCalls(ivr('1', `<p_t>${text}</p_t>`))
      const decision = await decide(world, 'steps', {}, 'call-1')
      expect(decision.passThrough).toBe(text)
      expect(decision).not.toHaveProperty('passThroughValues')
      await decide(world, 'steps', {}, 'call-1')
      expect(parameterOf(await requestTo(receiver, 2), 'ivr_pass_through')).toBe(text)
    },
  )

  test('it is included in every Web Hook request as ivr_pass_through', async () => {
    const { world, receiver } = await startCalls(ivr('1', `<p_t>${PASS_THROUGH}</p_t>`))
    for (let step = 0; step < 3; step += 1) await decide(world, 'steps', {}, 'call-1')
    expect(receiver.received.map((request) => parameterOf(request, 'ivr_pass_through'))).toEqual([
      '',
      PASS_THROUGH,
      PASS_THROUGH,
    ])
  })

  test('white space and characters of any kind come back unchanged', async () => {
    const text = ' a|b c||d|& <ü> + % '
    const escaped = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    const { world, receiver } = await startCalls(ivr('1', `<p_t>${escaped}</p_t>`))
    expect((await decide(world, 'steps', {}, 'call-1')).passThrough).toBe(text)
    await decide(world, 'steps', {}, 'call-1')
    expect(parameterOf(await requestTo(receiver, 2), 'ivr_pass_through')).toBe(text)
  })

  test('each next action replaces it, and one without it empties it', async () => {
    const { world, receiver } = await startCalls(
      ivr('1', '<p_t>step|one</p_t>'),
      ivr('1', '<p_t>step|two</p_t>'),
      ivr('1'),
      ivr('1'),
    )
    for (let step = 0; step < 4; step += 1) await decide(world, 'steps', {}, 'call-1')
    expect(receiver.received.map((request) => parameterOf(request, 'ivr_pass_through'))).toEqual([
      '',
      'step|one',
      'step|two',
      '',
    ])
  })

  test('an answer that is no next action leaves it as it was', async () => {
    const { world, receiver } = await startCalls(ivr('1', '<p_t>step|one</p_t>'), 'oops', ivr('1'))
    expect(await decide(world, 'steps', {}, 'call-1')).toMatchObject({ kind: 'next-action' })
    expect(await decide(world, 'steps', {}, 'call-1')).toMatchObject({ kind: 'backup', reason: 'invalid-response' })
    await decide(world, 'steps', {}, 'call-1')
    expect(parameterOf(await requestTo(receiver, 3), 'ivr_pass_through')).toBe('step|one')
  })

  test('the parameters simply pass through and what the switch itself carries goes first', async () => {
    const { world, receiver } = await startCalls(ivr('1', '<p_t>step|one</p_t>'))
    await decide(world, 'steps', {}, 'call-1')
    await decide(world, 'steps', { ivr_pass_through: 'step|mine' }, 'call-1')
    expect(parameterOf(await requestTo(receiver, 2), 'ivr_pass_through')).toBe('step|mine')
  })
})

describe('Common Use of Pass-Through Data: a maximum of 3 attempts at a PIN', () => {
  const LOGIN = '4711'
  const SUPPORT = '<action><app>transfer</app><parameters><destination>8005550199</destination></parameters></action>'
  const MENU = '<action><app>vr</app><parameters><id>31</id></parameters></action>'

  /** A web server that keeps nothing itself: all that it knows of the call comes back as pass-through data. */
  async function startLogin(pin: string) {
    const receiver = await startReceiver((request, response) => {
      const [, failed = '0'] = /(?:^|\|\|)failed\|(\d+)/.exec(parameterOf(request, 'ivr_pass_through') ?? '') ?? []
      const failures = Number(failed) + 1
      if (parameterOf(request, 'pin') === pin) response.end(MENU)
      else if (failures === 3) response.end(SUPPORT)
      else response.end(ivr(LOGIN, `<p_t>user_id|90786||failed|${failures}</p_t>`))
    })
    const webhook = {
      id: 'login',
      profile: 'dialogtech-ivr',
      method: 'GET',
      url: receiver.origin,
      answer: 'next-action',
    }
    const world = await startPlatform({ webhooks: [{ ...webhook, params: { pin: 'responses.1' } }] })
    return { enter: (digits: string, call: string) => decide(world, 'login', { responses: { 1: digits } }, call) }
  }

  const again = (failed: string) => ({
    kind: 'next-action',
    app: 'ivr',
    parameters: { id: LOGIN },
    passThrough: `user_id|90786||failed|${failed}`,
    passThroughValues: { user_id: '90786', failed },
  })
  const toSupport = { kind: 'next-action', app: 'transfer', parameters: { destination: '8005550199' } }
  const toMenu = { kind: 'next-action', app: 'vr', parameters: { id: '31' } }

  test('when the 3rd attempt fails, the call goes to a support team instead of the Login IVR', async () => {
    const { enter } = await startLogin('1234')
    expect(await enter('1111', 'call-1')).toEqual(again('1'))
    expect(await enter('2222', 'call-1')).toEqual(again('2'))
    expect(await enter('3333', 'call-1')).toEqual(toSupport)
  })

  test('a right PIN at the 3rd attempt opens the call-flow', async () => {
    const { enter } = await startLogin('1234')
    await enter('1111', 'call-1')
    await enter('2222', 'call-1')
    expect(await enter('1234', 'call-1')).toEqual(toMenu)
  })

  test('attempts are counted for each call by itself', async () => {
    const { enter } = await startLogin('1234')
    await enter('1111', 'call-1')
    await enter('2222', 'call-1')
    expect(await enter('1111', 'call-2')).toEqual(again('1'))
    expect(await enter('3333', 'call-1')).toEqual(toSupport)
  })
})

describe('the switch is told the next action', () => {
  const BODY = `<action><app>findme</app><parameters><phone_list>2223334444|5556667777</phone_list>
    <simultaneous>2</simultaneous></parameters></action>`

  test('as JSON, with headers that say the kind and the app', async () => {
    const { world } = await startCalls(BODY)
    const response = await fetch(`${world.url}/v1/webhooks/steps/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"data":{}}',
    })
    expect(response.headers.get('switchhook-decision')).toBe('next-action')
    expect(response.headers.get('switchhook-app')).toBe('findme')
    expect(response.headers.has('switchhook-reason')).toBe(false)
    expect(await response.json()).toEqual({
      deliveryId: expect.any(String),
      webhook: 'steps',
      decision: {
        kind: 'next-action',
        app: 'findme',
        parameters: {
          phone_list: ['2223334444', '5556667777'],
          simultaneous: 2,
          screen_method: 0,
          timeout: 30,
          nextaction: 1,
        },
      },
      attempt: { status: 200, durationMs: expect.any(Number), bytes: Buffer.byteLength(BODY) },
    })
  })

  test('flattened to a form for those who ask for one', async () => {
    const { world } = await startCalls(BODY)
    const response = await fetch(`${world.url}/v1/webhooks/steps/invoke`, {
      headers: { accept: 'application/x-www-form-urlencoded' },
    })
    const form = Object.fromEntries(new URLSearchParams(await response.text()))
    expect(form).toMatchObject({
      'decision.kind': 'next-action',
      'decision.parameters.phone_list.0': '2223334444',
      'decision.parameters.phone_list.1': '5556667777',
      'decision.parameters.timeout': '30',
    })
  })

  test('and its backup with the reason in a header', async () => {
    const { world } = await startCalls('no action')
    const response = await fetch(`${world.url}/v1/webhooks/steps/invoke`)
    expect(response.status).toBe(200)
    expect(response.headers.get('switchhook-decision')).toBe('backup')
    expect(response.headers.get('switchhook-reason')).toBe('invalid-response')
    expect(response.headers.has('switchhook-app')).toBe(false)
  })
})
