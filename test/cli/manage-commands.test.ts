/** `activate`, `deactivate`, `purge`, `stats`, `catalog` and `extract` as processes, against a running engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { runCommand } from './run-command.ts'

async function start(): Promise<{ world: World; receiver: Receiver; env: Record<string, string> }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(`workers: 0
dataPoints: [{ name: queue_depth, description: Callers waiting, example: 7 }]
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%', retry: { schedule: [0s] } }
`)
  return { world, receiver, env: { SWITCHHOOK_URL: world.url } }
}

const send = (world: World) => world.post('/v1/events', { type: 'call.end', subject: 'c', data: { callid: '1' } })
const outbox = async (world: World) => (await world.service.engine.stats())['outbox']

describe('activation', () => {
  test('holds deliveries and lets them go, and stats tell of it', async () => {
    const { world, receiver, env } = await start()
    expect(await runCommand(['deactivate', 'crm', '--json'], { env })).toMatchObject({
      status: 0,
      stdout: '{"id":"crm","active":false}\n',
    })
    const shown = await runCommand(['stats'], { env })
    expect(shown.stdout).toMatch(/\nnot active {2}crm by command since 20\S+Z\n$/)
    await world.post('/v1/webhooks/crm/activate', {})
    receiver.answer = () => undefined
    await send(world)
    expect(await runCommand(['deactivate', 'crm'], { env })).toEqual({
      status: 0,
      stdout: 'crm is not active; `switchhook activate crm` lets it go on\n',
      stderr: '',
    })
    expect(await runCommand(['activate', 'crm'], { env })).toEqual({ status: 0, stdout: 'crm is active\n', stderr: '' })
    expect(await runCommand(['activate', 'crm', '--json'], { env })).toMatchObject({
      stdout: '{"id":"crm","active":true}\n',
    })
    expect((await runCommand(['stats'], { env })).stdout).not.toContain('not active')
  })

  test.each(['activate', 'deactivate'])('%s names a webhook that there is', async (name) => {
    const { env } = await start()
    expect(await runCommand([name, 'crn'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no webhook "crn"'),
    })
    expect(await runCommand([name], { env })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('ID is missing'),
    })
  })
})

describe('switchhook purge', () => {
  test('removes what ended, and tells how many', async () => {
    const { world, receiver, env } = await start()
    receiver.answer = (_, response) => response.writeHead(400).end()
    await send(world)
    await expect.poll(() => outbox(world)).toMatchObject({ dead: 1 })
    const purge = (...args: readonly string[]) => runCommand(['purge', '--state', 'dead', ...args], { env })
    expect(await purge('--before', '1h')).toEqual({ status: 0, stdout: '0 deliveries are gone\n', stderr: '' })
    expect(await purge('--before', '0s', '--webhook', 'erp', '--json')).toMatchObject({ stdout: '{"purged":0}\n' })
    expect(await purge('--before', '0s', '--webhook', 'crm')).toMatchObject({ stdout: '1 delivery is gone\n' })
    expect(await outbox(world)).toMatchObject({ dead: 0 })
    expect(await purge('--before', 'noon')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('before must be a time'),
    })
  })

  test.each([
    [[], '--state dead or delivered is missing'],
    [['--state', 'dead'], '--before TIME is missing'],
    [['--before', '1h'], '--state dead or delivered is missing'],
    [['--state', 'pending', '--before', '1h'], '--state "pending" is not known'],
  ])('%j is not enough', async (args, message) => {
    expect(await runCommand(['purge', ...args])).toMatchObject({ status: 2, stderr: expect.stringContaining(message) })
  })
})

describe('switchhook stats', () => {
  test('tells how the engine stands', async () => {
    const { world, env } = await start()
    await send(world)
    await expect.poll(() => outbox(world)).toMatchObject({ delivered: 1 })
    await world.post('/v1/webhooks/crm/invoke', { subject: 'c', data: {} })
    const { status, stdout } = await runCommand(['stats'], { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^ready +yes\noutbox +0 pending \(0 in flight\), 1 delivered, 0 dead\nevents +1\nattempts +2, 0 of them/,
    )
    expect(stdout).toMatch(
      /\ninvokes +1, half of them within [\d.]+ ms, 99 % within [\d.]+ ms\ncalls +\d+ with a context\nwebhooks +1\n$/,
    )
    const asJson = await runCommand(['stats', '--json'], { env })
    expect(JSON.parse(asJson.stdout)).toMatchObject({ webhooks: 1, outbox: { delivered: 1 } })
  })
})

test('stats tell what is wrong, each on a line', async () => {
  const server = await Receiver.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const since = '2026-11-21T08:00:00.000Z'
  const endpoint = 'https://crm.example.com'
  const stats = {
    accounts: ['acme'],
    readiness: [{ name: 'store', ready: false, detail: 'the disk is full' }],
    outbox: { pending: 1200 },
    webhooks: 3,
    config: {
      lastReload: { at: since, result: 'refused', issues: ['a', 'b'] },
      leftOut: [{ kind: 'webhook', id: 'old', account: 'acme', issues: ['there is no template lead'] }],
    },
    deactivated: [{ webhook: 'erp', reason: 'gone' }],
    circuits: [
      { endpoint, account: 'acme', state: 'open', since, reason: 'dns', nextProbe: '2026-11-21T08:00:01.000Z' },
    ],
    held: {
      deliveries: { circuit: 1200 },
      webhooks: [{ webhook: 'crm', account: 'acme', reason: 'circuit', deliveries: 1200 }],
    },
  }
  server.answer = (_, response) => response.end(JSON.stringify(stats))
  const { status, stdout } = await runCommand(['stats', '--url', server.origin])
  expect(status).toBe(0)
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['accounts', 'acme'],
    ['outbox', '1,200 pending'],
    ['webhooks', '3'],
    ['not ready', 'store: the disk is full'],
    ['reload', `refused at ${since}: 2 mistakes`],
    ['left out', 'webhook old: there is no template lead'],
    ['not active', 'erp by gone'],
    ['circuit', `${endpoint} of acme open since ${since}, dns, next probe 2026-11-21T08:00:01.000Z`],
    ['held', '1,200 deliveries of crm: circuit'],
    [''],
  ])
})

describe('switchhook catalog', () => {
  test('lists platforms, the data points of one, and what is looked for', async () => {
    const { env } = await start()
    const all = await runCommand(['catalog'], { env })
    expect(all.status).toBe(0)
    expect(all.stdout).toMatch(/^PLATFORM +DATA POINTS +WHAT IT IS\nautoid +77 /)
    expect(all.stdout).toMatch(/\nown +1 +Your own data points\n$/)
    const own = await runCommand(['catalog', 'own'], { env })
    expect(own.stdout).toBe('own  Your own data points\n\nown  1 data point\n  queue_depth  7  Callers waiting\n')
    const found = await runCommand(['catalog', '--find', 'QUEUE_depth'], { env })
    expect(found.stdout).toBe(own.stdout)
    const asJson = await runCommand(['catalog', 'autoid', '--find', 'callid', '--json'], { env })
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      platforms: [{ id: 'autoid', categories: [{ dataPoints: [{ name: 'callid' }] }] }],
    })
    expect(await runCommand(['catalog', 'own', '--find', 'ani'], { env })).toEqual({
      status: 0,
      stdout: '',
      stderr: 'there are no such data points\n',
    })
    expect(await runCommand(['catalog', 'autoit'], { env })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('PLATFORM "autoit" is not known: did you mean autoid?'),
    })
  })
})

describe('switchhook extract', () => {
  test('lists the fields of a format, with what stands there', async () => {
    const { env } = await start()
    const input = '{ "first": "", "contact": { "phones": ["%ani%"] } }'
    expect(await runCommand(['extract', '-'], { env, input })).toEqual({
      status: 0,
      stdout: 'FIELD             DATA POINT\nfirst             -\ncontact.phones.0  ani\n',
      stderr: '',
    })
    const xml = await runCommand(['extract', '-', '--json'], { env, input: '\n<lead id="%callid%"><name/></lead>' })
    expect(JSON.parse(xml.stdout)).toEqual({
      type: 'xml',
      fields: [
        { path: 'lead.@id', token: 'callid' },
        { path: 'lead.name', token: null },
      ],
    })
  })

  test('shows the line that is wrong', async () => {
    const { env } = await start()
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-extract-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'lead.json'), '{\n  "name": ,\n}')
    const { status, stderr } = await runCommand(['extract', 'lead.json'], { env, cwd: folder })
    expect(status).toBe(1)
    expect(stderr).toMatch(/\n {2}format line 2, column 11: .*\n {5}2 \| {3}"name": ,\n {7}\| {11}\^\n/)
    expect(await runCommand(['extract', 'nowhere.json'], { env, cwd: folder })).toMatchObject({ status: 2 })
  })
})
