/** `switchhook calls` as a process: a call's story as text, and the list of calls. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { runCommand } from './run-command.ts'

async function withCalls(): Promise<{ world: World; receiver: Receiver; env: Record<string, string> }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  receiver.answer = ({ url }, response) => {
    if (url === '/crm') response.writeHead(500).end('out of\u001b order\nsorry')
    else response.setHeader('content-type', 'application/json').end('{"lead":7}')
  }
  const world = await startWorld(
    `workers: 0
webhooks:
  - { id: ask, profile: custom, answer: variables, method: POST, url: '${receiver.origin}/ask', body: '{"a":"%ani%"}', headers: [{ name: X-Key, value: { env: KEY } }] }
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/crm', body: '{"n":"%n%"}', tokens: dollar, retry: { schedule: [0s, 1h] } }
`,
    { KEY: 'very-secret' },
  )
  await world.post('/v1/webhooks/ask/invoke', { id: 'i1', subject: 'call-1', data: { ani: '5551234567' } })
  await world.post('/v1/events', { id: 'e1', type: 'call.end', subject: 'call-1', data: { n: 1 } })
  await expect.poll(async () => (await world.service.engine.stats())['retries']).toBe(1)
  return { world, receiver, env: { SWITCHHOOK_URL: world.url } }
}

describe('switchhook calls SUBJECT', () => {
  test('tells what happened in order, what was sent and what came back', async () => {
    const { receiver, env } = await withCalls()
    const { status, stdout, stderr } = await runCommand(['calls', 'call-1'], { env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
    const lines: readonly RegExp[] = [
      /^call call-1 {2}account default$/,
      /^it carries \{"lead":7,/,
      /^$/,
      new RegExp(`^${time} {2}decision {2}ask {2}set-variables {2}[\\d.]+ ms {2}call\\.ivr {2}[0-9a-f]+$`),
      /^ {2}\{"ani":"5551234567"\}$/,
      new RegExp(`^ {2}POST ${receiver.origin}/ask$`),
      /^ {2}content-type: application\/json$/,
      /^ {2}x-key: \[secret\]$/,
      /^$/,
      /^ {2}\{"a":"5551234567"\}$/,
      /^ {2}the server: HTTP 200 after [\d.]+ ms {2}\(queue [\d.]+, render [\d.]+, waiting [\d.]+, .*, interpret [\d.]+\)$/,
      /^ {4}\| \{"lead":7\}$/,
      /^ {2}decides \{"variables":\{"lead":7\}\}$/,
      /^$/,
      new RegExp(`^${time} {2}event {2}call\\.end {2}e1 from /$`),
      /^ {2}\{"n":1\}$/,
      /^$/,
      new RegExp(`^${time} {2}delivery {2}crm {2}pending {2}next attempt \\S+Z {2}[0-9a-f]+-0$`),
    ]
    const told = stdout.split('\n')
    for (const [index, line] of lines.entries()) expect(told[index]).toMatch(line)
    expect(stdout).toMatch(
      /\n {2}attempt 1 {2}\S+ {2}status 500 {2}[\d.]+ ms .*\n.*\n {4}\| out of· order\n {4}\| sorry\n$/,
    )
  })

  test('tells the latest of a long one, or all of it, each entry once', async () => {
    const { world, env } = await withCalls()
    for (let count = 0; count < 120; count += 1) {
      await world.post('/v1/webhooks/ask/invoke', { id: `i${count}`, subject: 'long', data: { n: count } })
    }
    const latest = await runCommand(['calls', 'long', '--limit', '3', '--json'], { env })
    const { entries } = JSON.parse(latest.stdout)
    expect(entries.map(({ event }: { event: { id: string } }) => event.id)).toEqual(['i117', 'i118', 'i119'])
    const all = await runCommand(['calls', 'long', '--limit', '1000', '--json'], { env })
    const ids = JSON.parse(all.stdout).entries.map(({ event }: { event: { id: string } }) => event.id)
    expect(ids).toEqual(Array.from({ length: 120 }, (_, index) => `i${index}`))
    const asText = await runCommand(['calls', 'long', '--limit', '110'], { env })
    expect(asText.stderr).toBe('there is more before this; --limit COUNT tells more than 110\n')
  })

  test('fails where nothing is known', async () => {
    const { env } = await withCalls()
    expect(await runCommand(['calls', 'nobody'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Nothing is known of a call "nobody"'),
    })
  })
})

describe('switchhook calls', () => {
  test('lists calls with how they stand, the latest first', async () => {
    const { world, env } = await withCalls()
    await world.post('/v1/webhooks/ask/invoke', { subject: 'call-2', data: {} })
    const { status, stdout, stderr } = await runCommand(['calls'], { env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {2,}/))
    expect(rows.map((row) => row.toSpliced(2, 1))).toEqual([
      ['CALL', 'ACCOUNT', 'LAST', 'WEBHOOK', 'HOW IT STANDS'],
      ['call-2', 'default', 'call.ivr', 'ask', 'set-variables'],
      ['call-1', 'default', 'call.end', 'crm', 'pending'],
    ])
    const one = await runCommand(['calls', '--limit', '1', '--json', '--account', 'default'], { env })
    expect(JSON.parse(one.stdout)).toMatchObject({ subject: 'call-2', latest: { kind: 'decision' } })
  })

  test('says so where there are none, and how many it can list', async () => {
    const world = await startWorld('workers: 0')
    const env = { SWITCHHOOK_URL: world.url }
    expect(await runCommand(['calls'], { env })).toEqual({
      status: 0,
      stdout: '',
      stderr: 'nothing is known of any call\n',
    })
    expect(await runCommand(['calls', '--limit', '100'], { env })).toMatchObject({ status: 0 })
    expect(await runCommand(['calls', '--limit', '101'], { env })).toMatchObject({ status: 2 })
  })
})
