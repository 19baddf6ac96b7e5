/** What only a terminal sees: colours and the progress bar. The terminal is a real one, lent by `script` (bsdutils). */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startWorld } from '../e2e/world.ts'
import { COMMAND, runCommand } from './run-command.ts'

/** All that a command wrote to a terminal, standard error too. */
async function onTerminal(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const words = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(' ')
  // Variables such as CI and FORCE_COLOR change what Node.js takes a terminal for: only what a person's has is given.
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env
  const bare = { PATH, HOME, NODE_V8_COVERAGE, TERM: 'xterm-256color', ...env }
  const child = spawn('script', ['-qec', words, '/dev/null'], { env: bare, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end()
  return await text(child.stdout)
}

const WORLD = `workers: 0
webhooks:
  - { id: feed, profile: custom, on: [call.end], method: POST, url: 'http://127.0.0.1:1', body: '%callid%', active: false }
  - { id: erp, profile: custom, on: [call.begin], method: POST, url: 'http://127.0.0.1:1', body: '%callid%' }
`
const EVENT = '{"type":"call.begin","data":{"callid":"1"}}'
const ESCAPE = '\u001b['

test('a table has colours on a terminal, unless NO_COLOR is set', async () => {
  const world = await startWorld(WORLD)
  const env = { SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: '' }
  await runCommand(['send', '-'], { env, input: EVENT })
  expect(await onTerminal(['deliveries'], { ...env, NO_COLOR: '' })).toContain(`${ESCAPE}33mpending`)
  const colourless = await onTerminal(['deliveries'], { ...env, NO_COLOR: '1' })
  expect(colourless).toContain('pending')
  expect(colourless).not.toContain(ESCAPE)
})

test('what happens is told in colours on a terminal', async () => {
  const world = await startWorld(WORLD)
  const env = { SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: '' }
  const isOver = { value: false }
  const told = onTerminal(['tail', '--count', '2', '--for', '30s'], env).finally(() => (isOver.value = true))
  while (!isOver.value) {
    await runCommand(['send', '-'], { env, input: EVENT })
  }
  expect((await told).replaceAll(ESCAPE, '<')).toMatch(/<2m\d\d:\d\d:\d\d\.\d{3}Z<22m {2}event /)
})

test('a progress bar is drawn on a terminal, wiped at the end, and not there elsewhere', async () => {
  const world = await startWorld(WORLD)
  const env = { SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: '' }
  const file = new URL('../../package.json', import.meta.url).pathname
  const drawn = await onTerminal(['send', file], env)
  expect(drawn).toMatch(/[█░]{24} +\d+ % {2}1 events/)
  const end = drawn.split(`\r${ESCAPE}K`).at(-1)
  expect(end).toMatch(/\n0 events accepted .* refused\r?\n$/)
  const { stdout, stderr } = await runCommand(['send', file], { env })
  expect(stdout + stderr).not.toMatch(/[█\r]/)
})

test('who has seen enough of a list ends it without a complaint', async () => {
  const world = await startWorld(WORLD)
  const env = { ...process.env, SWITCHHOOK_URL: world.url, SWITCHHOOK_TOKEN: '' }
  const input = Array.from({ length: 3000 }, () => EVENT).join('\n')
  expect(await runCommand(['send', '-', '--url', world.url], { input })).toMatchObject({ status: 0 })
  const pipe = `'${process.execPath}' '${COMMAND}' deliveries --json --limit 3000 | head -n 1`
  const child = spawn('bash', ['-o', 'pipefail', '-c', pipe], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(JSON.parse(out)).toMatchObject({ webhook: 'erp' })
  expect(err).toBe('')
})
