/**
 * Where no file descriptor was left, a process to read the configuration could not be started, and what that threw was nobody's: a
 * reload ended the engine at the very time when it was busiest.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const BESIDE = new URL('../../src/config/load-beside.ts', import.meta.url).href

/** Takes all descriptors but a few, loads, and gives them back; at last it loads with all of them. Prints what came of each load. */
function programFor(path: string): string {
  return `
    import { closeSync, openSync } from 'node:fs'
    import { loadConfigBeside } from '${BESIDE}'

    function takeAllBut(left) {
      const taken = []
      try {
        for (;;) taken.push(openSync('/dev/null'))
      } catch {
        for (const descriptor of taken.splice(0, left)) closeSync(descriptor)
        return taken
      }
    }

    async function load() {
      const { kind, issues = [] } = await loadConfigBeside(${JSON.stringify(path)}, {})
      console.log(JSON.stringify([kind, ...issues.map(({ message }) => message)]))
    }

    for (const left of [0, 1, 2, 3]) {
      const taken = takeAllBut(left)
      await load()
      for (const descriptor of taken) closeSync(descriptor)
    }
    await load()`
}

test('a load with too few descriptors for another process is refused, and the next one is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-descriptors-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'switchhook.yaml')
  await writeFile(path, 'workers: 1')
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', programFor(path)]
  const limited = ['-c', 'ulimit -n 100 && exec "$0" "$@"', process.execPath, ...args]
  const engine = spawn('bash', limited, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(engine, 'exit')
  const [told, thrown] = await Promise.all([text(engine.stdout), text(engine.stderr)])
  expect(thrown).toBe('')
  expect(await ended).toEqual([0, null])
  const refused = ['refused', expect.stringMatching(/^can't be read: spawn .* EMFILE$/)]
  const loads = told.trim().split('\n')
  expect(loads.map((line) => JSON.parse(line))).toEqual([refused, refused, refused, refused, ['loaded']])
})
