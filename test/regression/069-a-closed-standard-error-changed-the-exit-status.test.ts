/**
 * Nobody listened to the errors of the standard error: where it was a closed pipe, the first remark ended a command that was well
 * with exit status 1, or a mistake in the command line likewise. And a full disk below the standard output was told as a stack.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { COMMAND } from '../cli/run-command.ts'

async function inShell(line: string): Promise<{ readonly status: unknown; readonly stderr: string }> {
  const words = `'${process.execPath}' '${COMMAND}'`
  const child = spawn('bash', ['-c', line.replace('switchhook', words)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [[status], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return { status, stderr }
}

describe('the exit status is that of the command', () => {
  test.each([
    ['a mistake in the command line', 'switchhook stats --nope', 2],
    ['a failure', 'switchhook stats --url http://127.0.0.1:19', 1],
    ['success', 'switchhook --version', 0],
  ])('whoever reads its complaints: %s', async (_what, command, expected) => {
    // The reader is gone before anything is written.
    const { status } = await inShell(`exec 3> >(true); wait $!; ${command} 2>&3`)
    expect(status).toBe(expected)
  })
})

test('a full disk is told in a line', async () => {
  const { status, stderr } = await inShell('switchhook --version > /dev/full')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^switchhook: what was to be printed can't be written: ENOSPC.*\n$/)
})
