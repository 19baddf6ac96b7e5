/** `deliveries`, `retry` and `replay` as processes, against a running engine. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { runCommand } from './run-command.ts'

interface Scene {
  readonly world: World
  readonly receiver: Receiver
  readonly env: Record<string, string>
}

/** Three dead letters of `crm`, whose server answers 400, and one delivery that `erp` got. */
async function withDeadLetters(): Promise<Scene> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = ({ url }, response) => response.writeHead(url === '/crm' ? 400 : 200).end('no \u001b[31mway\nhere')
  const world = await startWorld(`workers: 0
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/crm', body: '%callid%', retry: { schedule: [0s] } }
  - { id: erp, profile: custom, on: [call.begin], method: POST, url: '${receiver.origin}/erp', body: '%callid%' }
`)
  for (const callid of ['1', '2', '3']) {
    await world.post('/v1/events', { id: `e${callid}`, type: 'call.end', subject: `call-${callid}`, data: { callid } })
  }
  await world.post('/v1/events', { type: 'call.begin', data: { callid: '4' } })
  await expect
    .poll(async () => (await world.service.engine.stats())['outbox'])
    .toMatchObject({ pending: 0, dead: 3, delivered: 1 })
  return { world, receiver, env: { SWITCHHOOK_URL: world.url } }
}

async function listed(env: Record<string, string>, ...args: readonly string[]): Promise<readonly { id: string }[]> {
  const { status, stdout } = await runCommand(['deliveries', '--json', ...args], { env })
  expect(status).toBe(0)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

describe('switchhook deliveries', () => {
  test('lists them as a table, the newest first', async () => {
    const { env } = await withDeadLetters()
    const { status, stdout, stderr } = await runCommand(['deliveries'], { env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [head = '', ...rows] = stdout.trimEnd().split('\n')
    expect(head.split(/ {2,}/)).toEqual(['DELIVERY', 'STATE', 'WEBHOOK', 'EVENT', 'CALL', 'ACCEPTED', 'TRIES', 'LAST'])
    expect(rows.map((row) => row.split(/ {2,}/).toSpliced(5, 1).slice(1))).toEqual([
      ['delivered', 'erp', 'call.begin', '-', '1', '200'],
      ['dead', 'crm', 'call.end', 'call-3', '1', 'status 400'],
      ['dead', 'crm', 'call.end', 'call-2', '1', 'status 400'],
      ['dead', 'crm', 'call.end', 'call-1', '1', 'status 400'],
    ])
  })

  test('lists them as JSON, each on a line, filtered and counted', async () => {
    const { env } = await withDeadLetters()
    expect(await listed(env)).toHaveLength(4)
    expect(await listed(env, '--state', 'dead', '--webhook', 'crm')).toHaveLength(3)
    expect(await listed(env, '--subject', 'call-2')).toMatchObject([{ event: { id: 'e2' } }])
    expect(await listed(env, '--event', 'e3')).toMatchObject([{ state: 'dead', attempts: [{ status: 400 }] }])
    expect(await listed(env, '--limit', '3')).toHaveLength(3)
    expect(await runCommand(['deliveries', '--limit', '3'], { env })).toMatchObject({
      stderr: 'there are more; --limit COUNT lists more than 3\n',
    })
    expect(await runCommand(['deliveries', '--limit', '4'], { env })).toMatchObject({ stderr: '' })
    expect(await runCommand(['deliveries', '--webhook', 'none'], { env })).toEqual({
      status: 0,
      stdout: '',
      stderr: 'there are no such deliveries\n',
    })
  })

  test('tells all about one, and nothing of it rules the terminal', async () => {
    const { env } = await withDeadLetters()
    const [{ id } = { id: '' }] = await listed(env, '--event', 'e1')
    const { status, stdout } = await runCommand(['deliveries', id], { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^delivery {2}[0-9a-f]+-0\nstate +dead, status\nwebhook +crm\n/)
    expect(stdout).toMatch(/\nattempt 1 {2}\S+ {2}status 400 {2}[\d.]+ ms {2}\(.*firstByte [\d.]+.*\)\n/)
    expect(stdout).toContain('  | no ·[31mway\n  | here\n')
    expect(await listed(env, id)).toMatchObject([{ id, state: 'dead' }])
    expect(await runCommand(['deliveries', 'nothing'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no delivery "nothing"'),
    })
    expect(await runCommand(['deliveries', id, '--state', 'dead'], { env })).toMatchObject({ status: 2 })
  })
})

describe('switchhook retry and replay', () => {
  test('send again one delivery, then those of a time, then all', async () => {
    const { world, receiver, env } = await withDeadLetters()
    receiver.answer = (_, response) => response.end()
    const [{ id } = { id: '' }] = await listed(env, '--event', 'e1')
    expect(await runCommand(['retry', id], { env })).toEqual({ status: 0, stdout: `${id} is sent again\n`, stderr: '' })
    await receiver.until(() => receiver.received.length === 5)
    expect(receiver.received[4]?.id).toBe(id)
    await expect.poll(async () => (await world.service.engine.stats())['outbox']).toMatchObject({ pending: 0, dead: 2 })
    expect(await runCommand(['replay', 'crm', '--until', '1h'], { env })).toMatchObject({
      status: 0,
      stdout: '0 deliveries of crm are sent again\n',
    })
    const replayed = await runCommand(['replay', 'crm', '--since', '1h', '--json'], { env })
    expect(JSON.parse(replayed.stdout)).toEqual({ replayed: 2 })
    await receiver.until(() => receiver.received.length === 7)
    await expect
      .poll(async () => (await world.service.engine.stats())['outbox'])
      .toMatchObject({ pending: 0, delivered: 4 })
    expect(await runCommand(['replay', 'erp', '--state', 'delivered', '--since', '1h'], { env })).toMatchObject({
      stdout: '1 delivery of erp is sent again\n',
    })
  })

  test('tell what the engine refuses', async () => {
    const { env } = await withDeadLetters()
    expect(await runCommand(['replay', 'crm', '--since', 'noon'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/answered 422, .*\n {2}since must be a time such as/),
    })
    expect(await runCommand(['replay', 'crm', '--state', 'delivered'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('since is needed'),
    })
    expect(await runCommand(['retry', 'nothing'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answered 404'),
    })
    expect(await runCommand(['replay', 'crm', '--state', 'pending'], { env })).toMatchObject({ status: 2 })
  })
})
