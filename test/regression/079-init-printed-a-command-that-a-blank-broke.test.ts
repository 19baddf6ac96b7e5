/**
 * What comes next, as `init` prints it, is copied into a shell: the token's file stood there without quotes, so that a folder
 * with a blank in its name broke it, and one with a `$(…)` ran it.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'

test.each(['plain', 'my folder', "it's", '$(touch ran)'])('the token of the folder %j is found', async (name) => {
  const cwd = mkdtempSync(join(tmpdir(), 'switchhook-quotes-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  mkdirSync(join(cwd, name))
  const { stdout } = await runCommand(['init', join(name, 'a.yaml'), '--yes', '--token'], { cwd })
  const [line = ''] = /export SWITCHHOOK_TOKEN=.*/.exec(stdout) ?? []
  const token = execFileSync('bash', ['-c', `${line}\nprintf %s "$SWITCHHOOK_TOKEN"; ls`], { cwd, encoding: 'utf8' })
  const made = readFileSync(join(cwd, name, 'switchhook.token'), 'utf8').trim()
  expect(token).toBe(`${made}${name}\n`)
})

test.each([
  [['store', 'verify', 'nowhere', '--json'], /--json is of `store info`/],
  [['trigger', 'autoid', 'call.end', '--print', '--json'], /only one of --print and --json/],
  [['sink', '--port', '0', '--type', 'a\nb'], /--type: a content type/],
])('an option that can have no effect is a mistake: %j', async (words, expected) => {
  const { status, stderr } = await runCommand(words)
  expect(status).toBe(2)
  expect(stderr).toMatch(expected)
})
