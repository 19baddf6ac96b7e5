/**
 * The threads for compressed bodies and for scrapes are said not to keep the process alive, but were let go before anybody
 * listened to them, and to listen takes hold of them again: a program whose service could not start, or that did not close it, never ended.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)

/** Far more than a thread takes to start and to answer. */
const PATIENCE_MS = 60_000

/** The address of a file of the project, in quotes. */
function source(path: string): string {
  return JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
}

test.each([
  [
    'decompresses bodies',
    `import { Inflater } from ${source('ingress/body/inflater.ts')}`,
    "(await new Inflater(1, console.error).inflate(new Uint8Array([3, 0]), 'deflate', 10)).kind",
    'body',
  ],
  [
    'makes scrapes',
    `import { Metrics } from ${source('metrics/metrics.ts')}
import { ScrapeThread } from ${source('metrics/scrape-thread.ts')}`,
    "typeof (await new Metrics({ version: '1', showsProcess: false, renderer: new ScrapeThread(console.error) }).text())",
    'string',
  ],
])(
  'a program ends although the thread that %s was never closed',
  async (_name, imports, answer, printed) => {
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-threads-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    // Until the answer is there something else holds the program, as a listener would.
    const program = `${imports}
process.on('worker', (thread) => thread.on('exit', () => console.log('the thread died')))
const listener = setInterval(() => undefined, 1000)
console.log(${answer})
clearInterval(listener)
`
    await writeFile(join(folder, 'program.mjs'), program)
    const child = run(process.execPath, [join(folder, 'program.mjs')], { timeout: PATIENCE_MS })
    await expect(child).resolves.toEqual({ stdout: `${printed}\n`, stderr: '' })
  },
  2 * PATIENCE_MS,
)
