/**
 * The command line as a process: what reaches the two streams and the exit status.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const command = join(import.meta.dirname, '..', '..', manifest.bin.switchhook)

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('a result goes to the standard output', () => {
  expect(run('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

test('a problem goes to the standard error, with its exit status', () => {
  const { status, stdout, stderr } = run('--verson')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^switchhook: unknown option '--verson'.*\n$/)
})

test('help is a result', () => {
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: /), stderr: '' })
})
