/** Debian's promtool for tests: checks what it is given, and says what is wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** What a command came to. */
export interface Checked {
  readonly status: number
  /** Both of its outputs. */
  readonly said: string
}

/** Runs `promtool` with these arguments and this input. */
export async function promtool(args: readonly string[], input = ''): Promise<Checked> {
  const child = spawn('promtool', args)
  child.stdin.end(input)
  const [out, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status: Number(status), said: `${out}${errors}` }
}

/** Files of this content in a folder that is gone with the test; gives the folder. */
export async function testFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-monitoring-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}
