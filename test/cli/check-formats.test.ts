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

test('another format is refused', async () => {
  expect(await runCommand(['check', '--format', 'jsn'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--format "jsn" is not known: did you mean json?'),
  })
})
