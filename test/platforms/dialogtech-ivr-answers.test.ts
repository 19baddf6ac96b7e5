/**
 * "Responding to DialogTech's WebHook": every example answer, and every row of both tables of the document
 * (dialogtech-ivr-webhook), sent by a customer's server and read as the decision that the switch gets.
 */
import { describe, expect, test } from 'vitest'
import { type Data, decide, startPlatform, startReceiver } from './platform-world.ts'

const BACKUP = { route: 'vr', id: '77' }

/** What a switch is told when the customer's server gives `body`. */
async function decisionFor(body: string | Buffer, headers: Readonly<Record<string, string>> = {}, settings: Data = {}) {
  const receiver = await startReceiver((_, response) => response.writeHead(200, headers).end(body))
  const webhook = { id: 'next', profile: 'dialogtech-ivr', url: receiver.origin, answer: 'next-action', backup: BACKUP }
  return await decide(await startPlatform({ webhooks: [{ ...webhook, ...settings }] }), 'next', { ivr_id: '1' })
}

const action = (app: string, parameters: string): string =>
  `<action>\n    <app>${app}</app>\n    <parameters>\n        ${parameters}\n    </parameters>\n</action>`

const DEFAULTS = { screen_method: 0, timeout: 30, nextaction: 1 }
const findme = (parameters: Data) => ({
  kind: 'next-action',
  app: 'findme',
  parameters: { ...DEFAULTS, ...parameters },
})
const PHONE = '<phone_list>2223334444</phone_list>'

const invalid = (detail: unknown = expect.any(String)) => ({
  kind: 'backup',
  reason: 'invalid-response',
  detail,
  backup: BACKUP,
})

describe('Advanced Webhook Actions', () => {
  const message = { answer: 'message' }

  test.each([
    ['text/plain', 'Your balance is $12 & 5 cents', 'Your balance is $12 & 5 cents'],
    ['text/plain; charset=utf-8', '  Grüße\n', 'Grüße'],
    ['text/html', '<html><body><p>Hello <b>Freddy</b> &amp; friends</p></body></html>', 'Hello Freddy & friends'],
    ['text/html', '<title>x</title><script>alert(1)</script>Welcome', 'Welcome'],
  ])('Retrieve message and read to user: the IVR expects HTML or text (%s)', async (type, body, text) => {
    expect(await decisionFor(body, { 'content-type': type }, message)).toEqual({ kind: 'speak', text })
  })

  test.each(['', '   \n', '<html><body></body></html>'])(
    'an answer with nothing to say (%j) is backup',
    async (body) => {
      expect(await decisionFor(body, { 'content-type': 'text/html' }, message)).toEqual(invalid())
    },
  )

  test('Retrieve next action: the IVR expects to receive data in XML format', async () => {
    expect(await decisionFor('{"action":{"app":"hangup"}}', { 'content-type': 'application/json' })).toEqual(invalid())
    expect(await decisionFor('<action><app>hangup</app></action>')).toEqual({
      kind: 'next-action',
      app: 'hangup',
      parameters: {},
    })
  })
})

describe('no requirements as to which programming language is used on the server', () => {
  const body = action('vr', '<id>9</id>')
  const decision = { kind: 'next-action', app: 'vr', parameters: { id: '9' } }

  test.each([
    {},
    { 'content-type': 'text/xml' },
    { 'content-type': 'application/xml; charset=utf-8' },
    { 'content-type': 'text/html; charset=UTF-8' },
    { 'content-type': 'text/plain' },
  ])('the response is read with the headers %j', async (headers) => {
    expect(await decisionFor(body, headers)).toEqual(decision)
  })

  test.each([
    `<?xml version="1.0"?>\n${body}`,
    `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n${body.replaceAll('\n', '\r\n')}\r\n`,
    `<!-- made by listener.php -->\n${body}`,
    action('vr', '<id><![CDATA[9]]></id>'),
    action('vr', '<id> 9 </id>'),
  ])('the response is read when it is written as %j', async (text) => {
    expect(await decisionFor(text)).toEqual(decision)
  })

  test('the response is read in the encoding that it declares', async () => {
    const text = `<?xml version="1.0" encoding="ISO-8859-1"?>${action('findme', `${PHONE}<whisper_phrase>Grüße</whisper_phrase>`)}`
    expect(await decisionFor(Buffer.from(text, 'latin1'))).toEqual(
      findme({ phone_list: ['2223334444'], whisper_phrase: 'Grüße' }),
    )
  })
})

describe('An "action" element is required, at minimum, or the Backup Routing set in the portal will be triggered', () => {
  test.each([
    '',
    'OK',
    '<response><app>hangup</app></response>',
    '<app>hangup</app>',
    '<action>',
    '<action/>',
    '<action><app/></action>',
    '<action><app>conference</app></action>',
    '<action><app>hangup</app></action><action><app>hangup</app></action>',
    '<!DOCTYPE action [<!ENTITY x "hangup">]><action><app>&x;</app></action>',
  ])('%j', async (body) => {
    expect(await decisionFor(body)).toEqual(invalid())
  })

  test.each([301, 404, 500])('also where the server answers %i', async (status) => {
    const receiver = await startReceiver((_, response) =>
      response.writeHead(status, { location: '/other' }).end('<action><app>hangup</app></action>'),
    )
    const webhook = { id: 'next', profile: 'dialogtech-ivr', url: receiver.origin, answer: 'next-action' }
    const world = await startPlatform({ webhooks: [{ ...webhook, backup: BACKUP }] })
    expect(await decide(world, 'next')).toEqual({
      kind: 'backup',
      reason: 'status',
      detail: expect.stringContaining(String(status)),
      backup: BACKUP,
    })
    expect(receiver.received).toHaveLength(1)
  })
})

describe('the examples', () => {
  test('an IVR with user parameters and pass-through data', async () => {
    const body = `<action>
    <app>ivr</app>
    <parameters>
        <id>12345</id>
        <user_parameters>
            <param1>alpha</param1>
            <param2>bravo</param2>
        </user_parameters>
        <p_t>my pass through data</p_t>
    </parameters>
</action>
`
    expect(await decisionFor(body)).toEqual({
      kind: 'next-action',
      app: 'ivr',
      parameters: { id: '12345' },
      userParameters: { param1: 'alpha', param2: 'bravo' },
      passThrough: 'my pass through data',
    })
  })

  test('a Dynamic FindMe that calls a single number, has a whisper message and records the call', async () => {
    const body = `<action>
    <app>findme</app>
    <parameters>
        <phone_list>2223334444</phone_list>
        <screen_method>1</screen_method>
        <whisper_phrase>Call from Radio Ad</whisper_phrase>
        <record>1</record>
    </parameters>
</action>
`
    expect(await decisionFor(body)).toEqual({
      kind: 'next-action',
      app: 'findme',
      parameters: {
        phone_list: ['2223334444'],
        record: 1,
        screen_method: 1,
        whisper_phrase: 'Call from Radio Ad',
        timeout: 30,
        nextaction: 1,
      },
    })
  })

  test('a Dynamic Find Me that calls two numbers simultaneously, has a whisper audio message and records the call', async () => {
    const body = `<action>
    <app>findme</app>
    <parameters>
        <phone_list>2223334444|5556667777</phone_list>
        <simultaneous>2</simultaneous>
        <screen_method>2</screen_method>
        <whisper_audio>customwhisper.wav</whisper_audio>
        <record>1</record>
    </parameters>
</action>
`
    expect(await decisionFor(body)).toEqual({
      kind: 'next-action',
      app: 'findme',
      parameters: {
        phone_list: ['2223334444', '5556667777'],
        simultaneous: 2,
        record: 1,
        screen_method: 2,
        whisper_audio: 'customwhisper.wav',
        timeout: 30,
        nextaction: 1,
      },
    })
  })

  test('the phone_list of the table, whose end tag lacks its slash, is not well-formed', async () => {
    expect(await decisionFor(action('findme', '<phone_list>2223334444|5556667777<phone_list>'))).toEqual(invalid())
  })
})

describe('the table of apps', () => {
  const next = (app: string, parameters: Data, more: Data = {}) => ({ kind: 'next-action', app, parameters, ...more })

  test.each([
    ['ivr id', 'ivr', '<id>12345</id>', next('ivr', { id: '12345' })],
    [
      'ivr question_id',
      'ivr',
      '<id>12345</id><question_id>3</question_id>',
      next('ivr', { id: '12345', question_id: '3' }),
    ],
    [
      'ivr user_parameters',
      'ivr',
      '<id>1</id><user_parameters><firstname>Freddy</firstname><lastname>O&apos;Brien &amp; Co</lastname></user_parameters>',
      next('ivr', { id: '1' }, { userParameters: { firstname: 'Freddy', lastname: "O'Brien & Co" } }),
    ],
    ['vr id', 'vr', '<id>0042</id>', next('vr', { id: '0042' })],
    ['voicemail id', 'voicemail', '<id>7</id>', next('voicemail', { id: '7' })],
    ['hangup', 'hangup', '', next('hangup', {})],
    [
      'transfer destination',
      'transfer',
      '<destination>8005550001</destination>',
      next('transfer', { destination: '8005550001' }),
    ],
    ['findme id', 'findme', '<id>55</id>', findme({ id: '55' })],
    [
      'findme phone_list',
      'findme',
      '<phone_list>2223334444|5556667777</phone_list>',
      findme({ phone_list: ['2223334444', '5556667777'] }),
    ],
    ['findme: if id is provided, phone_list will be ignored', 'findme', `<id>55</id>${PHONE}`, findme({ id: '55' })],
    [
      'findme simultaneous',
      'findme',
      `${PHONE}<simultaneous>3</simultaneous>`,
      findme({ phone_list: ['2223334444'], simultaneous: 3 }),
    ],
    ['findme record 1', 'findme', `${PHONE}<record>1</record>`, findme({ phone_list: ['2223334444'], record: 1 })],
    ['findme record 0', 'findme', `${PHONE}<record>0</record>`, findme({ phone_list: ['2223334444'], record: 0 })],
    ['findme screen_method 0 by default', 'findme', PHONE, findme({ phone_list: ['2223334444'], screen_method: 0 })],
    ...[0, 1, 2].map((value): [string, string, string, Data] => [
      `findme screen_method ${value}`,
      'findme',
      `${PHONE}<screen_method>${value}</screen_method>`,
      findme({ phone_list: ['2223334444'], screen_method: value }),
    ]),
    [
      'findme whisper_phrase',
      'findme',
      `${PHONE}<screen_method>1</screen_method><whisper_phrase>Sale &lt;hot&gt;</whisper_phrase>`,
      findme({ phone_list: ['2223334444'], screen_method: 1, whisper_phrase: 'Sale <hot>' }),
    ],
    [
      'findme whisper_audio',
      'findme',
      `${PHONE}<screen_method>2</screen_method><whisper_audio>customwhisper.wav</whisper_audio>`,
      findme({ phone_list: ['2223334444'], screen_method: 2, whisper_audio: 'customwhisper.wav' }),
    ],
    ...[0, 1, 2, 3].map((value): [string, string, string, Data] => [
      `findme auto_accept ${value}`,
      'findme',
      `${PHONE}<auto_accept>${value}</auto_accept>`,
      findme({ phone_list: ['2223334444'], auto_accept: value }),
    ]),
    ['findme timeout 30 by default', 'findme', PHONE, findme({ phone_list: ['2223334444'], timeout: 30 })],
    ...[20, 60].map((value): [string, string, string, Data] => [
      `findme timeout ${value}`,
      'findme',
      `${PHONE}<timeout>${value}</timeout>`,
      findme({ phone_list: ['2223334444'], timeout: value }),
    ]),
  ])('%s', async (_, app, parameters, decision) => {
    expect(await decisionFor(action(app, parameters))).toStrictEqual(decision)
  })

  test.each([
    ['ivr without its id', 'ivr', '<question_id>3</question_id>', 'id'],
    ['findme with neither id nor phone_list', 'findme', '<record>1</record>', 'phone_list'],
    ['vr without its id', 'vr', '', 'id'],
    ['voicemail without its id', 'voicemail', '', 'id'],
    ['transfer without its destination', 'transfer', '', 'destination'],
    ['record 2', 'findme', `${PHONE}<record>2</record>`, 'record'],
    ['record yes', 'findme', `${PHONE}<record>yes</record>`, 'record'],
    ['screen_method 3', 'findme', `${PHONE}<screen_method>3</screen_method>`, 'screen_method'],
    ['screen_method -1', 'findme', `${PHONE}<screen_method>-1</screen_method>`, 'screen_method'],
    ['auto_accept 4', 'findme', `${PHONE}<auto_accept>4</auto_accept>`, 'auto_accept'],
    ['timeout 19', 'findme', `${PHONE}<timeout>19</timeout>`, 'timeout'],
    ['timeout 61', 'findme', `${PHONE}<timeout>61</timeout>`, 'timeout'],
    ['simultaneous many', 'findme', `${PHONE}<simultaneous>many</simultaneous>`, 'simultaneous'],
  ])('%s is outside of the table: backup', async (_, app, parameters, named) => {
    expect(await decisionFor(action(app, parameters))).toEqual(invalid(expect.stringContaining(named)))
  })
})

describe('the table of nextactions', () => {
  test.each([1, 3, 7])('%i needs no nextactionitem', async (value) => {
    expect(await decisionFor(action('findme', `${PHONE}<nextaction>${value}</nextaction>`))).toEqual(
      findme({ phone_list: ['2223334444'], nextaction: value }),
    )
  })

  test('1 (tell user no one is available and disconnect) is the default', async () => {
    expect(await decisionFor(action('findme', PHONE))).toMatchObject({ parameters: { nextaction: 1 } })
  })

  test.each([
    [2, 'a Voicemail Building Block ID'],
    [4, 'a Virtual Receptionist Building Block ID'],
    [5, 'a FindMe Building Block ID'],
    [6, 'an IVR Building Block ID'],
  ])('%i takes %s, and is backup without', async (value) => {
    const parameters = `${PHONE}<nextaction>${value}</nextaction>`
    expect(await decisionFor(action('findme', `${parameters}<nextactionitem>0815</nextactionitem>`))).toEqual(
      findme({ phone_list: ['2223334444'], nextaction: value, nextactionitem: '0815' }),
    )
    expect(await decisionFor(action('findme', parameters))).toEqual(invalid(expect.stringContaining('nextactionitem')))
  })

  test.each([0, 8])('%i is not in the table: backup', async (value) => {
    expect(await decisionFor(action('findme', `${PHONE}<nextaction>${value}</nextaction>`))).toEqual(
      invalid(expect.stringContaining('nextaction')),
    )
  })
})
