/** Secrets go in over the API and never come out of it: not in answers, not in etags, not in exports. */
import { expect, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { Receiver } from '../worker/receiver.ts'
import { endOf, feed, startManaged } from './management-world.ts'

const PLANTED = {
  signing: 'whsec_cGxhbnRlZC1zaWduaW5n',
  second: 'whsec_cGxhbnRlZC1zZWNvbmQ=',
  header: 'planted-header',
  marked: 'planted-marked',
  cookie: 'planted-cookie',
  user: 'planted-user:planted-password',
  api: 'planted-api-secret',
}

const PLACES = [
  ['one that signs', feed('http://127.0.0.1:9', { signing: { secret: PLANTED.signing } })],
  [
    'several that sign',
    feed('http://127.0.0.1:9', { signing: { secrets: [PLANTED.signing, { secret: PLANTED.second }] } }),
  ],
  ['an authorization header', feed('http://127.0.0.1:9', { headers: { Authorization: PLANTED.header } })],
  [
    'a header that is marked',
    feed('http://127.0.0.1:9', { headers: [{ name: 'x-key', value: { secret: PLANTED.marked } }] }),
  ],
  ['a cookie', feed('http://127.0.0.1:9', { headers: [{ name: 'cookie', value: PLANTED.cookie }] })],
  ['user and password of a URL', feed(`http://${PLANTED.user}@127.0.0.1:9`)],
  [
    'user and password of a fallback',
    feed('http://127.0.0.1:9', { fallback: { url: `http://${PLANTED.user}@127.0.0.1:9/f` } }),
  ],
  [
    'the secret of an analytics stream',
    {
      ...{ profile: 'dialogtech-post-call', url: 'https://127.0.0.1:9/mp', option: 'google-analytics' },
      ...{ measurementId: 'G-1', apiSecret: PLANTED.api },
    },
  ],
] as const

test.each(PLACES)('%s never comes back', async (_, config) => {
  const { ask, url, logged } = await startManaged('')
  const answers = [
    await ask('PUT', '/v1/webhooks/crm', config),
    await ask('PUT', '/v1/webhooks/crm', { ...config, name: 'Again' }),
    await ask('GET', '/v1/webhooks/crm'),
    await ask('GET', '/v1/webhooks'),
    await ask('GET', '/v1/config'),
    await ask('GET', '/v1/stats'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200])
  const exported = await new SwitchhookClient({ url }).export()
  expect(exported.placeholders).toHaveLength(JSON.stringify(config).includes('whsec_cGxhbnRlZC1zZWNvbmQ=') ? 2 : 1)
  const told = JSON.stringify([answers.map(({ json, headers }) => [json, [...headers]]), exported, logged])
  for (const secret of Object.values(PLANTED)) expect(told).not.toContain(secret)
  expect(told).not.toContain('planted-password')
})

test('what is hidden can not be sent back in its place', async () => {
  const { ask } = await startManaged('')
  for (const [what, config] of PLACES) {
    await ask('PUT', '/v1/webhooks/crm', config)
    const { json } = await ask('GET', '/v1/webhooks/crm')
    expect((await ask('PUT', '/v1/webhooks/crm', json.config)).status, what).toBe(422)
  }
})

test('what is put is what is sent', async () => {
  await using receiver = await Receiver.start()
  const { ask, post } = await startManaged('')
  await ask(
    'PUT',
    '/v1/webhooks/crm',
    feed(receiver.origin, {
      signing: { secret: PLANTED.signing },
      headers: { authorization: PLANTED.header, 'x-key': { secret: PLANTED.marked } },
    }),
  )
  await post('/v1/events', endOf('c1'))
  await receiver.until(() => receiver.received.length === 1)
  const [sent] = receiver.received
  expect(sent?.headers).toMatchObject({ authorization: PLANTED.header, 'x-key': PLANTED.marked })
  expect(sent?.headers['webhook-signature']).toMatch(/^v1,/)
})

test('those of the file stay by reference, and are read as they were', async () => {
  const yaml = `
templates: [{ id: lead, type: json, format: '{}' }]
webhooks:
  - { id: crm, profile: autoid, url: 'http://127.0.0.1:9', template: lead, signing: { secret: { env: SIGN } }, headers: { x-key: { env: KEY } } }
`
  const { ask, post } = await startManaged(yaml, { SIGN: PLANTED.signing, KEY: PLANTED.marked })
  const { json } = await ask('GET', '/v1/webhooks/crm')
  expect(json.config).toMatchObject({ signing: { secret: { env: 'SIGN' } }, headers: { 'x-key': { env: 'KEY' } } })
  // The webhook is read again, with the API's template.
  expect((await ask('PUT', '/v1/templates/lead', { type: 'json', format: '{"a": 1}' })).status).toBe(200)
  const rendered = await post('/v1/webhooks/crm/render', { data: {} })
  expect(rendered.json).toMatchObject({ body: '{"a": 1}', headers: { 'x-key': '[secret]' } })
})

test('no mistake repeats what was given for a secret', async () => {
  const { ask } = await startManaged('')
  const wrong = [{ secret: [PLANTED.marked] }, { other: PLANTED.marked }, [PLANTED.marked], { env: PLANTED.marked }]
  for (const secret of wrong) {
    const { status, json } = await ask('PUT', '/v1/webhooks/crm', feed('http://127.0.0.1:9', { signing: { secret } }))
    expect(status).toBe(422)
    expect(JSON.stringify(json)).not.toContain(PLANTED.marked)
  }
})

test.each([
  [65_536, 201],
  [65_537, 422],
])('a secret of %i characters is answered %i', async (length, expected) => {
  const { ask } = await startManaged('')
  const config = feed('http://127.0.0.1:9', { signing: { secret: 's'.repeat(length) } })
  const { status, json } = await ask('PUT', '/v1/webhooks/crm', config)
  expect(status).toBe(expected)
  if (expected === 422) {
    expect(json.errors).toEqual([
      {
        path: 'signing.secret',
        detail: 'a secret of at most 65,536 characters is expected, as a text or { secret: TEXT }',
      },
    ])
  }
})
