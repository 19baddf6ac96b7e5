/** `switchhook tail` as a process: lines for people and for programs, filters, ends, and connections that are lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { Receiver } from '../worker/receiver.ts'
import { COMMAND, runCommand, startCommand } from './run-command.ts'

async function start(): Promise<{ readonly world: World; readonly receiver: Receiver }> {
  const receiver = await Receiver.start()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const world = await startWorld(`workers: 0
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%', retry: { schedule: [0s] } }
  - { id: erp, account: acme, profile: custom, on: [call.end], method: POST, url: '${receiver.origin}', body: '%callid%' }
`)
  return { world, receiver }
}

/** A tail that watches; lines can be taken from it one by one. */
async function startTail(url: string, ...args: readonly string[]) {
  const child = startCommand(['tail', ...args], { env: { SWITCHHOOK_URL: url } })
  const ended = once(child, 'close')
  const remarks: string[] = []
  const said = createInterface(child.stderr)
  said.on('line', (line) => remarks.push(line))
  if (remarks.length === 0) await once(said, 'line')
  const printed: string[] = []
  createInterface(child.stdout).on('line', (line) => printed.push(line))
  const until = (count: number) => expect.poll(() => printed.length).toBeGreaterThanOrEqual(count)
  const end = async (): Promise<number | null> => {
    await ended
    return child.exitCode
  }
  return { child, remarks, printed, until, end }
}

const send = (world: World, subject: string, more: object = {}) =>
  world.post('/v1/events', { type: 'call.end', id: `e-${subject}`, subject, data: { callid: '1' }, ...more })

describe('switchhook tail', () => {
  test('prints a line for each event, decision and attempt, and ends at Ctrl-C', async () => {
    const { world, receiver } = await start()
    receiver.answer = (_, response) => response.writeHead(400).end()
    const tail = await startTail(world.url)
    expect(tail.remarks).toEqual([`watching ${world.url}`])
    await send(world, 'call-1')
    await tail.until(2)
    await world.post('/v1/webhooks/erp/invoke', { subject: 'call-2', data: {} })
    await tail.until(3)
    tail.child.kill('SIGINT')
    expect(await tail.end()).toBe(0)
    const [event, delivery, decision] = tail.printed
    expect(event).toMatch(/^\d\d:\d\d:\d\d\.\d{3}Z {2}event {5}call\.end {2}1 delivery {2}call-1 {2}e-call-1$/)
    expect(delivery).toMatch(/ {2}delivery {2}crm {2}dead {2}attempt 1: status 400 in [\d.]+ ms {2}call-1 {2}\S+-0$/)
    expect(decision).toMatch(
      / {2}decision {2}erp {2}backup {2}status: .* {2}[\d.]+ ms {2}call-2 {2}[0-9a-f]+ {2}\[acme\]$/,
    )
  })

  test('prints only what its filters let through, as JSON, and ends after so many', async () => {
    const { world } = await start()
    const filters = ['--call', 'call-2', '--type', 'call.end', '--account', 'default', '--webhook', 'crm']
    const tail = await startTail(world.url, ...filters, '--json', '--count', '1', '--for', '1m')
    await send(world, 'call-2', { account: 'acme', id: 'other' })
    await send(world, 'call-1')
    await send(world, 'call-2')
    expect(await tail.end()).toBe(0)
    expect(tail.printed).toHaveLength(1)
    expect(JSON.parse(tail.printed[0] ?? '')).toMatchObject({
      ...{ kind: 'delivery', webhook: 'crm', state: 'delivered', account: 'default' },
      event: { id: 'e-call-2', subject: 'call-2' },
    })
  })

  test('ends after a time, and says by its status where too little came', async () => {
    const { world } = await start()
    const env = { SWITCHHOOK_URL: world.url }
    expect(await runCommand(['tail', '--for', '300ms'], { env })).toMatchObject({ status: 0, stdout: '' })
    expect(await runCommand(['tail', '--for', '300ms', '--count', '1'], { env })).toMatchObject({
      status: 1,
      stdout: '',
    })
  })

  test('connects again, and says so, and how much was dropped', async () => {
    let connections = 0
    const server = createServer((_, response) => {
      connections += 1
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: dropped\ndata: {"count":1200}\n\n')
      if (connections === 1) response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const tail = await startTail(`http://127.0.0.1:${port}`)
    await expect.poll(() => tail.remarks.length).toBe(5)
    tail.child.kill('SIGINT')
    expect(await tail.end()).toBe(0)
    expect(tail.remarks).toEqual([
      `watching http://127.0.0.1:${port}`,
      'too fast for this reader: 1,200 lines left out here',
      expect.stringMatching(/has closed the stream; what happens meanwhile is not told; connecting again in \d+ms$/),
      `watching http://127.0.0.1:${port}`,
      'too fast for this reader: 1,200 lines left out here',
    ])
    expect(tail.printed).toEqual([])
  })

  test('ends without a complaint where nobody reads it any more', async () => {
    const { world } = await start()
    const line = `'${process.execPath}' '${COMMAND}' tail --json --url ${world.url} | head -n 1`
    const child = spawn('bash', ['-o', 'pipefail', '-c', line], { stdio: ['ignore', 'pipe', 'pipe'] })
    const out = text(child.stdout)
    let said = ''
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    const ended = once(child, 'close')
    await expect.poll(() => said).toBe(`watching ${world.url}\n`)
    for (let count = 0; child.exitCode === null && count < 1000; count += 1) {
      await send(world, `call-${count}`)
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10))])
    }
    await ended
    expect(JSON.parse(await out)).toMatchObject({ kind: 'event' })
    expect({ status: child.exitCode, said }).toEqual({ status: 0, said: `watching ${world.url}\n` })
  })

  test('fails where nobody answers, and where it is refused', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await runCommand(['tail', '--url', url])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`switchhook tail: nobody answers at ${url}`),
    })
    const { world } = await start()
    const refused = await runCommand(['tail', '--webhook', 'x'.repeat(1025)], { env: { SWITCHHOOK_URL: world.url } })
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/answered 422, .*\n {2}query\.webhook must be a text of up to 1024/),
    })
  })

  test.each([[['--count', '0']], [['--for', '8d']], [['crm']], [['--subject', 'call-1']]])(
    '%j is no use of it',
    async (args) => {
      expect((await runCommand(['tail', ...args])).status).toBe(2)
    },
  )
})
