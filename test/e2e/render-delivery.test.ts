/** What would be sent now for a past delivery: with its event and context, with the webhook as it is now, to whom it concerns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../worker/receiver.ts'
import { type Json, startWorld, type World } from './world.ts'

const SECRETS = { KEY: 'very-secret', ACME: 'acme', BETA: 'beta', ALL: 'all', SENDER: 'sender' }
const TOKENS = `auth:
  tokens:
    - { name: acme, secret: { env: ACME }, may: [read], accounts: [acme] }
    - { name: beta, secret: { env: BETA }, may: [read], accounts: [beta] }
    - { name: sender, secret: { env: SENDER }, may: [send], accounts: [acme] }
    - { name: all, secret: { env: ALL }, may: [send, invoke, manage] }
`
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const config = (origin: string, body: string, store = ''): string => `${store}workers: 0
dataPoints: [{ name: dots, description: Two dots, example: .. }]
${TOKENS}webhooks:
  - { id: crm, account: acme, profile: custom, on: [call.end], method: POST, url: '${origin}/crm', body: '${body}', headers: [{ name: X-Key, value: { env: KEY } }] }
  - { id: mine, account: acme, profile: custom, method: PUT, url: '${origin}/mine/%callid%' }
  - { id: path, account: acme, profile: custom, method: PUT, url: '${origin}/%dots%/' }
  - { id: theirs, account: beta, profile: custom, method: PUT, url: '${origin}/theirs' }
`

async function start(store = ''): Promise<{ readonly world: World; readonly origin: string; readonly id: string }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(config(receiver.origin, 'old %callid%', store), SECRETS)
  const event = { type: 'call.end', account: 'acme', subject: 'call-1', data: { callid: '7', dots: '..' } }
  await world.post('/v1/events', event, bearer('all'))
  await receiver.until(() => receiver.received.length === 1)
  return { world, origin: receiver.origin, id: receiver.received[0]?.id ?? '' }
}

async function render(world: World, webhook: string, query: string, token = 'all', body?: string) {
  const init = { method: 'POST', headers: { ...bearer(token), 'content-type': 'application/json' }, body: body ?? null }
  const response = await fetch(`${world.url}/v1/webhooks/${webhook}/render?${query}`, init)
  const json: Json = await response.json()
  return { status: response.status, json }
}

describe('a past delivery', () => {
  test.each(['', 'store: { engine: embedded, path: STORE, minFree: 0B }\n'])(
    'is rendered with the webhook as it is now, secrets masked (%j)',
    async (store) => {
      const folder = mkdtempSync(join(tmpdir(), 'switchhook-render-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const own = store.replace('STORE', folder)
      const { world, origin, id } = await start(own)
      const expected = { method: 'POST', url: `${origin}/crm`, headers: { 'x-key': '[secret]' } }
      expect((await render(world, 'crm', `delivery=${id}`)).json).toMatchObject({ ...expected, body: 'old 7' })
      await world.reload(config(origin, 'new %callid%', own))
      expect((await render(world, 'crm', `delivery=${id}`)).json).toMatchObject({ ...expected, body: 'new 7' })
    },
  )

  test('is rendered for any webhook of its account, and no other', async () => {
    const { world, origin, id } = await start()
    expect((await render(world, 'mine', `delivery=${id}`)).json).toMatchObject({
      method: 'PUT',
      url: `${origin}/mine/7`,
    })
    expect(await render(world, 'theirs', `delivery=${id}`)).toMatchObject({ status: 404 })
    expect(await render(world, 'path', `delivery=${id}`)).toMatchObject({
      status: 422,
      json: { type: 'urn:switchhook:problem:unrenderable' },
    })
  })

  test.each([
    ['acme', 'crm', 200],
    ['beta', 'crm', 404],
    ['beta', 'theirs', 404],
    ['sender', 'crm', 403],
    ['unknown', 'crm', 401],
  ])('is shown to those who may see it: %s asks with %s', async (token, webhook, status) => {
    const { world, id } = await start()
    expect((await render(world, webhook, `delivery=${id}`, token)).status).toBe(status)
  })

  test.each([
    ['a delivery that is not there', 'delivery=0665f3a1c8de00000000000001-0', undefined, 404],
    ['what is no id', 'delivery=nothing', undefined, 404],
    ['no id', 'delivery=', undefined, 404],
    ['other parameters', 'delivery=x&type=call.end', undefined, 422],
    ['an event of its own', 'delivery=x', '{"type":"call.end"}', 422],
  ])('is not guessed from %s', async (_title, query, body, status) => {
    const { world } = await start()
    expect(await render(world, 'crm', query, 'all', body)).toMatchObject({
      status,
      json: { detail: expect.any(String) },
    })
  })
})

describe('the list of calls', () => {
  const list = async (world: World, query: string, token: string) => {
    const response = await fetch(`${world.url}/v1/calls?${query}`, { headers: bearer(token) })
    const json: Json = await response.json()
    return { status: response.status, json }
  }

  test('has each call once with the latest of it, the latest first, of accounts that the caller sees', async () => {
    const { world } = await start()
    const invoke = (subject: string) => world.post('/v1/webhooks/theirs/invoke', { subject, data: {} }, bearer('all'))
    await invoke('call-2')
    await invoke('call-1')
    await invoke('call-2')
    const seen = async (token: string, query = '') =>
      (await list(world, query, token)).json.calls.map(({ account, subject }: Json) => `${account} ${subject}`)
    expect(await seen('all')).toEqual(['beta call-2', 'beta call-1', 'acme call-1'])
    expect(await seen('all', 'limit=2')).toEqual(['beta call-2', 'beta call-1'])
    expect(await seen('all', 'account=acme')).toEqual(['acme call-1'])
    expect(await seen('acme')).toEqual(['acme call-1'])
    expect(await seen('beta')).toEqual(['beta call-2', 'beta call-1'])
    await world.post('/v1/events', { type: 'call.end', account: 'acme', subject: 'call-1', data: {} }, bearer('all'))
    expect(await seen('all', 'limit=1')).toEqual(['acme call-1'])
  })

  test.each([
    ['limit=100', 200],
    ['limit=101', 422],
    ['limit=1', 200],
    ['limit=0', 422],
    ['account=beta', 404],
    ['subject=x', 422],
  ])('is asked for by %s', async (query, status) => {
    const { world } = await start()
    expect((await list(world, query, 'acme')).status).toBe(status)
  })
})
