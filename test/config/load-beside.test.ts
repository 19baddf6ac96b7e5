/** Loading beside a running engine gives what loading directly gives, and what breaks the other process is a mistake. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfigFile } from '../../src/config/load.ts'
import { loadConfigBeside } from '../../src/config/load-beside.ts'
import { keysForNextStart } from '../../src/config/next-start.ts'
import { load } from './check.ts'

const EXAMPLE = new URL('../../examples/switchhook.yaml', import.meta.url).pathname

/** Of this process. */
function readers(): readonly number[] {
  const listed = readdirSync('/proc/self/task').flatMap((thread) => {
    const children = readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
    return children.trim().split(' ').filter(Boolean)
  })
  return listed.map(Number)
}

async function file(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-load-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'switchhook.yaml')
  await writeFile(path, text)
  return path
}

test('the example, with its secrets and their files', async () => {
  const result = await loadConfigBeside(EXAMPLE, {})
  expect(result).toEqual(await loadConfigFile(EXAMPLE, {}))
  expect(result.files.map(({ path }) => path).filter((path) => path.endsWith('.secret')).length).toBeGreaterThan(0)
})

test('lists of more than one piece, in their order', async () => {
  const webhooks = Array.from({ length: 120 }, (_, index) => `{ id: w${index}, profile: custom, url: 'https://e.com' }`)
  const result = await loadConfigBeside(await file(`webhooks: [ ${webhooks.join(', ')} ]`), {})
  expect(result.kind === 'loaded' ? result.config.webhooks.map(({ id }) => id) : result).toEqual(
    webhooks.map((_, index) => `w${index}`),
  )
})

test('texts of more than one piece, with line ends and letters of any script in them', async () => {
  const names = Array.from({ length: 1001 }, (_, index) => `"line\\nend \u0416 ${index}"`)
  const webhooks = names.map((name, index) => `{ id: w${index}, name: ${name}, profile: custom, url: 'https://e.com' }`)
  const path = await file(`webhooks: [ ${webhooks.join(', ')} ]`)
  const [beside, direct] = [await loadConfigBeside(path, {}), await loadConfigFile(path, {})]
  expect(beside).toEqual(direct)
  expect(beside.kind === 'loaded' ? beside.config.webhookTexts[1000] : beside).toContain('"line\\nend \u0416 1000"')
})

test.each([
  // One is about tokens, which there are none of.
  [999, 1000, /https: is expected$/],
  [1000, 1001, /^and 1 more: `switchhook check` tells all of them$/],
])('of %i webhooks without TLS, %i warnings are told', async (count, told, last) => {
  const webhooks = Array.from(
    { length: count },
    (_, index) => `{ id: w${index}, profile: custom, url: 'http://e.com' }`,
  )
  const { warnings } = await loadConfigBeside(await file(`webhooks: [ ${webhooks.join(', ')} ]`), {})
  expect(warnings).toHaveLength(told)
  expect(warnings.at(-1)?.message).toMatch(last)
})

test('a thousand mistakes, and how many more there are', async () => {
  const result = await loadConfigBeside(await file(`webhooks: [ ${Array(1002).fill('{}').join(', ')} ]`), {})
  const issues = result.kind === 'refused' ? result.issues : []
  expect(issues).toHaveLength(1001)
  expect(issues.at(-1)?.message).toMatch(/^and \d+ more: /)
})

test('mistakes, and the variables of the environment that it is given', async () => {
  const path = await file('auth: { tokens: [ { name: a, secret: { env: SECRET }, may: [read] } ] }')
  expect(await loadConfigBeside(path, {})).toMatchObject({ kind: 'refused', issues: [{ line: 1, column: 45 }] })
  expect(await loadConfigBeside(path, { SECRET: 's' })).toMatchObject({
    kind: 'loaded',
    config: { tokens: [{ secret: 's' }] },
  })
})

test.each(['SIGHUP', 'SIGINT', 'SIGUSR2'] as const)(
  '%s, which means the engine, does not end the reader',
  async (signal) => {
    const path = await file('')
    await rm(path)
    execFileSync('mkfifo', [path])
    const before = readers()
    const loading = loadConfigBeside(path, {})
    // Open when the reader has opened it.
    const pipe = await open(path, 'w')
    const [reader] = readers().filter((pid) => !before.includes(pid))
    process.kill(reader ?? Number.NaN, signal)
    await pipe.write('workers: 3')
    await pipe.close()
    expect(await loading).toMatchObject({ kind: 'loaded', config: { workers: 3 } })
  },
)

test('a reader that is killed between two pieces', async () => {
  const webhooks = Array.from({ length: 120 }, (_, index) => `{ id: w${index}, profile: custom, url: 'https://e.com' }`)
  const path = await file(`webhooks: [ ${webhooks.join(', ')} ]`)
  const before = readers()
  const kill = (): void => {
    for (const pid of readers()) if (!before.includes(pid)) process.kill(pid, 'SIGKILL')
  }
  expect(await loadConfigBeside(path, {}, { onSecrets: kill })).toMatchObject({
    kind: 'refused',
    issues: [{ message: expect.stringMatching(/^can't be read: /) }],
  })
})

test('a file that is not there', async () => {
  const path = `${await file('')}.none`
  expect(await loadConfigBeside(path, {})).toMatchObject({
    kind: 'refused',
    issues: [{ message: expect.stringMatching(/^can't be read: ENOENT/) }],
    files: [{ path }],
  })
})

test.each([
  ['listen: { host: "::1", port: 1, keepAlive: 1s }', ['listen.host', 'listen.port', 'listen.keepAlive']],
  ['store: { engine: memory }', ['store.engine']],
  ['tracing: { enabled: true }', ['tracing.enabled']],
  ['store: { path: elsewhere, minFree: 1GiB }', ['store.path', 'store.minFree']],
  ['workers: 3', ['workers']],
  ['store: { backlog: { total: 5 }, retention: { dead: 1d } }\nnetwork: { connections: { send: 1 } }', []],
])('%s: what of it waits for the next start', (text, keys) => {
  expect(keysForNextStart(load(''), load(text))).toEqual(keys)
})
