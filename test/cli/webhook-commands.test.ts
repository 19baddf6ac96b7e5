/** `render`, `invoke` and `trigger` as processes, against a running engine. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { runCommand } from './run-command.ts'

async function withWebhooks(): Promise<{ world: World; receiver: Receiver; env: Record<string, string> }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(`workers: 0
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}/leads?key=k1', body: '{"phone":"%ani%"}', headers: [{ name: X-Line, value: '%treatment%' }] }
  - { id: ivr, profile: dialogtech-ivr, method: GET, url: '${receiver.origin}/ivr', answer: message, backup: { queue: 7 } }
  - { id: wix, profile: wix-answers-ivr, method: POST, url: '${receiver.origin}/wix' }
`)
  return { world, receiver, env: { SWITCHHOOK_URL: world.url } }
}

const EVENT = JSON.stringify({
  type: 'call.end',
  subject: 'call-1',
  data: { ani: '5551234567', treatment: 'a\u001b[31mb' },
})

describe('switchhook render', () => {
  test('shows the request as it would stand on the wire, and sends nothing', async () => {
    const { receiver, env } = await withWebhooks()
    const { status, stdout, stderr } = await runCommand(['render', 'crm', '-'], { env, input: EVENT })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [head, ...rest] = stdout.split('\n')
    expect(head).toBe(`POST ${receiver.origin}/leads?key=k1`)
    expect(rest.slice(-3)).toEqual(['', '{"phone":"5551234567"}', ''])
    expect(stdout).not.toContain('\u001b')
    expect(receiver.received).toEqual([])
    const asJson = await runCommand(['render', 'crm', '-', '--json'], { env, input: EVENT })
    expect(JSON.parse(asJson.stdout)).toMatchObject({ method: 'POST', body: '{"phone":"5551234567"}' })
  })

  test.each([
    ['no JSON', '-', '{"a":', /- is not JSON: .*/],
    ['an array', '-', '[]', /- holds no event: a JSON object is expected/],
    ['a file that is not there', 'nowhere.json', '', /nowhere.json can't be read/],
  ])('%s is no event', async (_title, file, input, message) => {
    const { status, stderr } = await runCommand(['render', 'crm', file], { input })
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
  })

  test('takes an example of the catalogue, and what is set beside it', async () => {
    const { receiver, env } = await withWebhooks()
    const args = ['render', 'crm', '--example', 'autoid', 'call.end', '--data', 'treatment=Main']
    const { status, stdout } = await runCommand(args, { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(/\nx-line: Main\n(?:.*\n)*\n\{"phone":"7776734736"\}\n$/)
    expect(receiver.received).toEqual([])
  })

  test('takes the event of a past delivery, for its own webhook or another', async () => {
    const { world, receiver, env } = await withWebhooks()
    await world.post('/v1/events', EVENT)
    await receiver.until(() => receiver.received.length === 1)
    const id = receiver.received[0]?.id ?? ''
    const own = await runCommand(['render', '--delivery', id, '--json'], { env })
    expect(JSON.parse(own.stdout)).toMatchObject({
      url: `${receiver.origin}/leads?key=k1`,
      body: '{"phone":"5551234567"}',
    })
    const other = await runCommand(['render', 'wix', '--delivery', id, '--json'], { env })
    expect(JSON.parse(other.stdout)).toMatchObject({ url: `${receiver.origin}/wix`, body: '{}' })
    expect(await runCommand(['render', '--delivery', 'nothing'], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no delivery "nothing"'),
    })
  })

  test.each([
    [[], 'ID is missing: whose request is it?'],
    [['crm'], 'an event is missing: EVENT.json, --example PLATFORM KIND or --delivery DELIVERY'],
    [['crm', '--example', 'autoit', 'call.end'], '--example "autoit" is not known: did you mean autoid?'],
    [['crm', '--example', 'autoid'], 'KIND is missing, one of call.begin, call.end'],
    [['crm', '--example', 'autoid', 'call.ended'], 'KIND "call.ended" is not known: did you mean call.end?'],
    [['crm', 'event.json', '--data', 'a=1'], '--data changes an example'],
    [['crm', '--example', 'autoid', 'call.end', '--data', 'a'], '--data "a" is not NAME=VALUE'],
    [['crm', 'event.json', '--delivery', 'x'], '--delivery brings its event'],
    [['crm', '--delivery', 'x', '--example', 'autoid'], '--delivery brings its event'],
  ])('%j is no use of it', async (args, message) => {
    expect(await runCommand(['render', ...args])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`switchhook render: ${message}`),
    })
  })

  test('tells what the engine refuses, every mistake on a line', async () => {
    const { env } = await withWebhooks()
    expect(await runCommand(['render', 'crn', '-'], { env, input: EVENT })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answered 404, There is no such resource: There is no webhook "crn"'),
    })
    expect(await runCommand(['render', 'crm', '-'], { env, input: '{"type":7}' })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/answered 422, .*\n {2}type /),
    })
  })
})

describe('switchhook invoke', () => {
  test('prints the decision, and how it came about', async () => {
    const { receiver, env } = await withWebhooks()
    receiver.answer = (_, response) => response.setHeader('content-type', 'text/plain').end('Good day')
    const { status, stdout } = await runCommand(['invoke', 'ivr', '-', '--wait', '3'], { env, input: EVENT })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^speak {2}HTTP 200 after [\d.]+ ms\n\{\n {2}"text": "Good day"\n\}\n$/)
    const asJson = await runCommand(['invoke', 'ivr', '-', '--json'], { env, input: EVENT })
    expect(JSON.parse(asJson.stdout)).toMatchObject({ webhook: 'ivr', decision: { kind: 'speak', text: 'Good day' } })
  })

  test('fails where the call takes its backup routing', async () => {
    const { receiver, env } = await withWebhooks()
    receiver.answer = (_, response) => response.writeHead(500).end()
    const { status, stdout, stderr } = await runCommand(['invoke', 'ivr', '-'], { env, input: EVENT })
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toMatch(/^backup {2}HTTP 500 .*"reason": "status".*"queue": 7/s)
  })
})

describe('switchhook trigger', () => {
  test("sends an example of a platform's document, with what is set beside it", async () => {
    const { receiver, env } = await withWebhooks()
    const args = ['trigger', 'autoid', 'call.end', '--subject', 'c1']
    const { stdout, stderr } = await runCommand([...args, '--data', 'ani=111=2'], { env })
    expect({ stdout, stderr }).toEqual({ stdout: 'call.end of c1 accepted with 1 delivery\n', stderr: '' })
    await receiver.until(() => receiver.received.length === 1)
    expect(receiver.received[0]?.body).toBe('{"phone":"111=2"}')
    const asJson = await runCommand([...args, '--json'], { env })
    expect(JSON.parse(asJson.stdout)).toMatchObject({ subject: 'c1', accepted: [{ index: 0, deliveries: 1 }] })
    await receiver.until(() => receiver.received.length === 2)
    expect(receiver.received[1]?.body).toBe('{"phone":"7776734736"}')
  })

  test('says so where nothing is triggered', async () => {
    const { env } = await withWebhooks()
    expect(await runCommand(['trigger', 'autoid', 'call.begin'], { env })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^call.begin of example-\S+ accepted with 0 deliveries\n$/),
      stderr: 'no active webhook of its account is triggered by it\n',
    })
  })

  test('asks a webhook as a live call would', async () => {
    const { receiver, env } = await withWebhooks()
    const args = ['trigger', 'wix-answers-ivr', 'call.ivr', '--webhook', 'wix']
    expect(await runCommand(args, { env })).toMatchObject({ status: 0, stdout: expect.stringMatching(/^disconnect /) })
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ input: '1234' })
  })

  test('prints an event that can be sent', async () => {
    const { world } = await withWebhooks()
    const printed = await runCommand(['trigger', 'custom', 'call.end', '--print', '--account', 'default'])
    const { status, stdout } = await runCommand(['send', '-', '--url', world.url], { input: printed.stdout })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1 event accepted with 1 delivery\n' })
  })

  test.each([
    [['autoit', 'call.end'], 'PLATFORM "autoit" is not known: did you mean autoid?'],
    [['autoid', 'call.ended'], 'KIND "call.ended" is not known: did you mean call.end?'],
    [['autoid'], 'KIND is missing, one of call.begin, call.end'],
    [['autoid', 'call.end', '--data', 'x'], '--data "x" is not NAME=VALUE'],
    [['autoid', 'call.ivr'], 'call.ivr is a question to one webhook: --webhook ID says which'],
  ])('%j is no use of it', async (args, message) => {
    const { status, stderr } = await runCommand(['trigger', ...args])
    expect(status).toBe(2)
    expect(stderr).toContain(`switchhook trigger: ${message}`)
  })
})
