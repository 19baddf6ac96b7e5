/**
 * An engine that was killed while it reloaded left the process behind that read for it: that one went on, for ever where its file
 * did not end, and told its failure to answer as an exception in the engine's log.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const BESIDE = new URL('../../src/config/load-beside.ts', import.meta.url).href

test.each<[when: string, go: (file: FileHandle) => Promise<unknown>]>([
  ['waits for its file', async () => undefined],
  ['is about to answer', (file) => file.write('workers: 1').then(() => file.close())],
])('the reader of an engine that is killed ends without a word when it %s', async (_, go) => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-reader-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'switchhook.yaml')
  execFileSync('mkfifo', [path])
  const load = `import { loadConfigBeside } from '${BESIDE}'; await loadConfigBeside(${JSON.stringify(path)}, {})`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', load]
  const engine = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  // Ends when nobody has it any more, and the reader has it too.
  const logged = text(engine.stderr)
  const ended = once(engine, 'exit')
  // Open when the reader has opened it.
  const file = await open(path, 'w')
  onTestFinished(() => file.close())
  engine.kill('SIGKILL')
  await ended
  await go(file)
  expect(await logged).toBe('')
})
