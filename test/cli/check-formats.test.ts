/** `switchhook check --format`: the same mistakes for people, for programs, and as marks on a change. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from './run-command.ts'

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-check-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const BAD = 'workers: many\nlisten: { port: -1 }\n'

test('json tells mistakes and warnings in one object', async () => {
  const cwd = folderWith({ 'bad.yaml': BAD, 'good.yaml': 'store: { engine: memory }\n' })
  const bad = await runCommand(['check', 'bad.yaml', '--format', 'json'], { cwd })
  expect({ status: bad.status, stderr: bad.stderr }).toEqual({ status: 2, stderr: '' })
  expect(JSON.parse(bad.stdout)).toMatchObject({
    file: 'bad.yaml',
    usable: false,
    mistakes: [
      { file: 'bad.yaml', line: 1, column: 10, path: 'workers' },
      { file: 'bad.yaml', line: 2, column: 17, path: 'listen.port' },
    ],
  })
  const good = await runCommand(['check', '--format', 'json', 'good.yaml'], { cwd })
  expect(good.status).toBe(0)
  expect(JSON.parse(good.stdout)).toMatchObject({ usable: true, mistakes: [], warnings: [{ path: 'auth' }] })
})

test('github marks each line, whatever stands in names and messages', async () => {
  const cwd = folderWith({ 'a,b:100%.yaml': BAD, 'good.yaml': 'store: { engine: memory }\n' })
  const bad = await runCommand(['check', 'a,b:100%.yaml', '--format', 'github'], { cwd })
  expect(bad.status).toBe(2)
  expect(bad.stdout).toMatch(
    /^::error file=a%2Cb%3A100%25\.yaml,line=1,col=10::workers: .+\n::error file=\S+,line=2,col=17::listen\.port: .+\n$/,
  )
  const good = await runCommand(['check', 'good.yaml', '--format', 'github'], { cwd })
  expect(good).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^::warning file=good.yaml,line=1,col=1::auth: /),
  })
})

test('text is the default', async () => {
  const cwd = folderWith({ 'bad.yaml': BAD })
  const plain = await runCommand(['check', 'bad.yaml'], { cwd })
  expect(await runCommand(['check', 'bad.yaml', '--format', 'text'], { cwd })).toEqual(plain)
  expect(plain.stderr).toMatch(/\n2 mistakes\n$/)
})

/** One of each that the contract names, and that there are no tokens. */
const DOUBTFUL = `templates:
  - { id: lead, type: json, format: '{"phone": "%ani%", "rings": %ring_count%}' }
webhooks:
  - { id: crm, profile: autoid, url: http://crm.example.com/, template: lead }
  - { id: lost, profile: autoid, url: "https://crm.example.com/", template: lead }
bindings:
  - { campaign: Sales, begin: [crm] }
`

const WARNINGS: readonly [line: number, column: number, path: string, message: string][] = [
  [1, 1, 'auth', 'there are no tokens: only this machine may call the API'],
  [4, 38, 'webhooks.0.url', 'http: sends call data that everybody on the way can read: https: is expected'],
  [5, 5, 'webhooks.1', 'no event can trigger lost: no binding (by campaign, treatment, dniCampaign) names it'],
  [7, 32, 'bindings.0.begin.0', 'crm uses ring_count, which is known only when the call ends: bind it to end'],
]

test('what is probably not meant is told with its place, in every format', async () => {
  const cwd = folderWith({ 'a.yaml': DOUBTFUL })
  const text = await runCommand(['check', 'a.yaml'], { cwd })
  expect(text).toEqual({
    status: 0,
    stdout: 'a.yaml can be used: 2 webhooks, 1 template, 1 binding\n',
    stderr: WARNINGS.map(
      ([line, column, path, message]) => `warning: a.yaml:${line}:${column} ${path}: ${message}\n`,
    ).join(''),
  })
  const json = await runCommand(['check', 'a.yaml', '--format', 'json'], { cwd })
  expect(JSON.parse(json.stdout).warnings).toEqual(
    WARNINGS.map(([line, column, path, message]) => ({ file: 'a.yaml', line, column, path, message })),
  )
  const github = await runCommand(['check', 'a.yaml', '--format', 'github'], { cwd })
  expect(github.stdout).toBe(
    WARNINGS.map(
      ([line, column, path, message]) => `::warning file=a.yaml,line=${line},col=${column}::${path}: ${message}\n`,
    ).join(''),
  )
})

test('another format is refused', async () => {
  expect(await runCommand(['check', '--format', 'jsn'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--format "jsn" is not known: did you mean json?'),
  })
})
