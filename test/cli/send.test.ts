/** `switchhook send` as a process, against a running engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { runCommand } from './run-command.ts'

function line(id: number, more: object = {}): string {
  return JSON.stringify({ type: 'call.end', id: String(id), data: { callid: id }, ...more })
}

function fileOf(text: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-send-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'events.ndjson'), text)
  return join(folder, 'events.ndjson')
}

async function withFeed(more = ''): Promise<{ world: World; receiver: Receiver }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(
    `workers: 0
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '{"id":"%callid%"}' }
${more}`,
    { TOKEN: 'a-token', READER: 'another-token' },
  )
  return { world, receiver }
}

describe('switchhook send', () => {
  test('sends every line of a file, more than one request takes', async () => {
    const { world, receiver } = await withFeed()
    const lines = Array.from({ length: 2500 }, (_, index) => line(index))
    const file = fileOf(`\uFEFF${lines.join('\n')}`)
    expect(await runCommand(['send', file, '--url', world.url])).toEqual({
      status: 0,
      stdout: '2,500 events accepted with 2,500 deliveries\n',
      stderr: '',
    })
    await receiver.until(() => receiver.received.length === 2500)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(2500)
  })

  test('takes the standard input, and the address from the environment', async () => {
    const { world } = await withFeed()
    const input = `${line(1)}\r\n\n${line(1)}\n${line(2, { type: 'call.begin' })}\n`
    const env = { SWITCHHOOK_URL: world.url }
    expect(await runCommand(['send', '-'], { env, input })).toEqual({
      status: 0,
      stdout: '2 events accepted with 1 delivery, 1 duplicate\n',
      stderr: '',
    })
    expect(JSON.parse((await runCommand(['send', '-', '--json'], { env, input })).stdout)).toEqual({
      accepted: 0,
      deliveries: 0,
      duplicates: 3,
      rejected: 0,
    })
    expect(await runCommand(['send', '-'], { env })).toMatchObject({
      status: 0,
      stdout: '0 events accepted with 0 deliveries\n',
    })
  })

  test('tells each refused line with its number in the file, and fails', async () => {
    const { world } = await withFeed()
    const input = `\n${line(1)}\n\nno JSON\n${line(2, { type: '' })}\n${line(3)}\n`
    const { status, stdout, stderr } = await runCommand(['send', '-', '--url', world.url], { input })
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: '2 events accepted with 2 deliveries, 2 lines refused\n',
    })
    expect(stderr).toMatch(/^line 4: .+\nline 5: .+\n$/)
    const asJson = await runCommand(['send', '-', '--url', world.url, '--json'], { input })
    expect(asJson.status).toBe(1)
    expect(
      asJson.stderr
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text)),
    ).toEqual([
      { line: 4, detail: expect.any(String) },
      { line: 5, detail: expect.any(String) },
    ])
    const onlyWrong = await runCommand(['send', '-', '--url', world.url], { input: 'no\nnor that\n' })
    expect(onlyWrong).toMatchObject({ status: 1, stdout: '0 events accepted with 0 deliveries, 2 lines refused\n' })
  })

  test('ends a line only at a line feed, also where a character spans two chunks', async () => {
    const { world, receiver } = await withFeed()
    const odd = `a\u2028b\u0085c ${'é'.repeat(70_000)}`
    const { stdout } = await runCommand(['send', fileOf(line(1, { data: { callid: odd } })), '--url', world.url])
    expect(stdout).toBe('1 event accepted with 1 delivery\n')
    await receiver.until(() => receiver.received.length === 1)
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({ id: odd })
  })

  test('an event that is too large is refused alone', async () => {
    const { world } = await withFeed()
    const input = [line(1), line(2, { data: { text: 'x'.repeat(9_000_000) } }), line(3)].join('\n')
    const { status, stdout, stderr } = await runCommand(['send', '-', '--url', world.url], { input })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '2 events accepted with 2 deliveries, 1 line refused\n' })
    expect(stderr).toMatch(/^line 2: .*too large/)
  })

  test('sends a token, and tells what the engine says about it', async () => {
    const { world } = await withFeed(
      'auth: { tokens: [{ name: s, secret: { env: TOKEN }, may: [send] }, { name: r, secret: { env: READER }, may: [read] }] }',
    )
    const args = ['send', '-', '--url', world.url]
    const input = line(1)
    expect(await runCommand(args, { input, env: { SWITCHHOOK_TOKEN: 'a-token' } })).toMatchObject({ status: 0 })
    expect(await runCommand(args, { input, env: { SWITCHHOOK_TOKEN: 'another-token' } })).toMatchObject({
      status: 1,
      stdout: 'until then: 0 events accepted with 0 deliveries\n',
      stderr: expect.stringMatching(/^switchhook send: http:\S+ answered 403, .*lacks the right send/),
    })
    expect(await runCommand(args, { input })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answered 401'),
    })
  })

  test.each([
    [['missing.ndjson'], "missing.ndjson can't be read: ENOENT"],
    [['.'], '. is a folder'],
    [['-', '--patience', '25h'], '--patience 25h is more than 1d'],
    [['-', '--url', 'http://x', '--config', 'y'], 'only one of --url and --config'],
    [['-', '--url', 'ftp://x'], '"ftp://x" is no URL'],
    [['-', '--config', 'missing.yaml'], 'the configuration can not be used'],
  ])('%j is no use of it', async (args, message) => {
    const { status, stderr } = await runCommand(['send', ...args])
    expect(status).toBe(2)
    expect(stderr).toContain(`switchhook send: ${message}`)
  })

  test('a line without an end is refused before it fills the memory', async () => {
    const { status, stderr } = await runCommand([
      'send',
      fileOf(Buffer.alloc(17_000_000, 'x')),
      '--url',
      'http://127.0.0.1:1',
    ])
    expect(status).toBe(2)
    expect(stderr).toMatch(/line 1 of .* has no end/)
  })

  test('waits where there is no room for now, says so once, and gives up when its patience is over', async () => {
    await using full = await Receiver.start()
    const busy = JSON.stringify({ title: 'No more is taken for now', detail: 'the outbox is full' })
    const told = 'the engine takes no more for now; it is asked again when it says so\n'
    const nothing = { accepted: [], duplicates: [{ index: 0, id: '1' }], rejected: [] }
    full.answer = (_, response) => {
      if (full.received.length < 3) response.writeHead(429, { 'retry-after': '0' }).end(busy)
      else response.writeHead(202).end(JSON.stringify(nothing))
    }
    expect(await runCommand(['send', '-', '--url', full.origin], { input: line(1) })).toEqual({
      status: 0,
      stdout: '0 events accepted with 0 deliveries, 1 duplicate\n',
      stderr: told,
    })
    full.answer = (_, response) => response.writeHead(429, { 'retry-after': '1' }).end(busy)
    expect(await runCommand(['send', '-', '--url', full.origin, '--patience', '999ms'], { input: line(1) })).toEqual({
      status: 1,
      stdout: 'until then: 0 events accepted with 0 deliveries\n',
      stderr: `switchhook send: ${full.origin} answered 429, No more is taken for now: the outbox is full\n`,
    })
  })

  test('fails where nobody answers', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await runCommand(['send', '-', '--url', url], { input: line(1) })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nobody answers at http:\/\/127.0.0.1:\d+: .*ECONNREFUSED/),
    })
  })
})
