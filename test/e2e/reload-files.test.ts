/** `switchhook serve` and the files of its configuration: what is noticed, what is refused, and what goes on meanwhile. */
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ServeProcess, testFolder } from './serve-process.ts'

const RELOADED = 'the configuration was reloaded'
const REFUSED = 'the configuration was refused: the one before goes on'

/** A configuration with so many webhooks. */
function configOf(webhooks: number, more = ''): string {
  const list = Array.from(
    { length: webhooks },
    (_, index) => `  - { id: w${index}, profile: custom, on: [call.end], url: 'https://example.com/${index}' }\n`,
  )
  return `store: { engine: memory }\nworkers: 0\n${more}webhooks:\n${list.join('') || '  []\n'}`
}

describe('a configuration file is read anew when it', () => {
  test.each<[string, (file: string) => Promise<void>]>([
    ['is written in place', (file) => writeFile(file, configOf(2))],
    [
      'is replaced, as editors do it',
      async (file) => {
        await writeFile(`${file}~`, configOf(2))
        await rename(`${file}~`, file)
      },
    ],
    [
      'is taken away and comes back',
      async (file) => {
        await rm(file)
        await writeFile(file, configOf(2))
      },
    ],
  ])('%s', async (_, change) => {
    const file = join(await testFolder(), 'switchhook.yaml')
    await writeFile(file, configOf(1))
    const server = await ServeProcess.start(file)
    await change(file)
    expect(await server.untilLogged(RELOADED)).toMatchObject({ cause: 'a file has changed', webhooks: 2 })
    expect((await server.get('/v1/stats')).json).toMatchObject({ webhooks: 2 })
  })

  test('is a link to another folder by now, as Kubernetes swaps it', async () => {
    const folder = await testFolder()
    for (const [version, webhooks] of [
      ['..v1', 1],
      ['..v2', 2],
    ] as const) {
      await mkdir(join(folder, version))
      await writeFile(join(folder, version, 'switchhook.yaml'), configOf(webhooks))
    }
    await symlink('..v1', join(folder, '..data'))
    await symlink('..data/switchhook.yaml', join(folder, 'switchhook.yaml'))
    const server = await ServeProcess.start(join(folder, 'switchhook.yaml'))
    await symlink('..v2', join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    expect(await server.untilLogged(RELOADED)).toMatchObject({ webhooks: 2 })
  })

  test('is asked for by SIGHUP, changed or not', async () => {
    const file = join(await testFolder(), 'switchhook.yaml')
    await writeFile(file, configOf(1))
    const server = await ServeProcess.start(file)
    server.signal('SIGHUP')
    expect(await server.untilLogged(RELOADED)).toMatchObject({ cause: 'SIGHUP', webhooks: 1 })
    const { text } = await server.get('/metrics')
    expect(text).toContain('switchhook_config_reloads_total{result="success"} 1\n')
  })
})

test('a file with mistakes is refused whole, with all of them, and the configuration before goes on', async () => {
  const file = join(await testFolder(), 'switchhook.yaml')
  await writeFile(file, configOf(1))
  const server = await ServeProcess.start(file)
  const loadedAt = (await server.get('/v1/stats')).json.config.loadedAt
  const timestamp = /^switchhook_config_last_reload_success_timestamp_seconds \d+.*$/m
  const before = timestamp.exec((await server.get('/metrics')).text)?.[0]

  await writeFile(file, `${configOf(3)}  - { id: bad, profile: custm, url: 'https://example.com' }\nworker: 1\n`)
  const { issues } = await server.untilLogged(REFUSED)
  expect(issues).toEqual([
    expect.stringMatching(/switchhook\.yaml:7:25 webhooks\.3\.profile: .*did you mean custom\?/),
    expect.stringMatching(/switchhook\.yaml:8:1 worker: .*did you mean workers\?/),
  ])
  expect((await server.get('/v1/stats')).json).toMatchObject({
    webhooks: 1,
    config: { loadedAt, lastReload: { result: 'refused', issues } },
  })
  const { text } = await server.get('/metrics')
  expect(text).toContain('switchhook_config_reloads_total{result="refused"} 1\n')
  expect(timestamp.exec(text)?.[0]).toBe(before)

  await writeFile(file, configOf(3))
  expect(await server.untilLogged(RELOADED)).toMatchObject({ webhooks: 3 })
  expect((await server.get('/v1/stats')).json.config.lastReload).toMatchObject({ result: 'success', issues: [] })
})

test('another token in its file is in force without a start, and the one before is not', async () => {
  const folder = await testFolder()
  const file = join(folder, 'switchhook.yaml')
  const secretFile = join(folder, 'reader.secret')
  await writeFile(secretFile, 'first-secret')
  await writeFile(
    file,
    configOf(1, 'auth: { tokens: [ { name: r, secret: { file: reader.secret }, may: [read] } ] }\n'),
  )
  const server = await ServeProcess.start(file)
  expect((await server.get('/v1/stats', 'first-secret')).status).toBe(200)
  await writeFile(secretFile, 'second-secret')
  await server.untilLogged(RELOADED)
  expect((await server.get('/v1/stats', 'second-secret')).status).toBe(200)
  expect((await server.get('/v1/stats', 'first-secret')).status).toBe(401)
})

test('what only a start can change is named in the log, and --port goes before the file', async () => {
  const file = join(await testFolder(), 'switchhook.yaml')
  await writeFile(file, configOf(1))
  const server = await ServeProcess.start(file)
  const changed = (await readFile(file, 'utf8')).replace('workers: 0', 'workers: 2\nlisten: { port: 1 }')
  await writeFile(file, changed)
  await server.untilLogged(RELOADED)
  const keys = server.logged.filter(({ key }) => key !== undefined)
  expect(keys).toMatchObject([{ key: 'workers', msg: 'workers has changed: it takes effect at the next start' }])
})

test('a store folder that can not be made is told in words that help', async () => {
  const folder = await testFolder()
  await writeFile(join(folder, 'data'), 'a file is in the way')
  const file = join(folder, 'switchhook.yaml')
  await writeFile(file, 'workers: 0\n')
  await expect(ServeProcess.start(file)).rejects.toThrow(/the folder .*data can't be made: .*store\.path/)
})
