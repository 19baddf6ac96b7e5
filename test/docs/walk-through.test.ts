/**
 * docs/extend.md adds a platform to Switchhook. Its blocks are put into a copy of the source as the page says, in its order;
 * the copy has to compile, to keep the floors and to pass the tests that the page writes.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Block, type Use, usesOf } from './blocks.ts'
import { applyDiff } from './diff.ts'
import { expectation } from './expectation.ts'
import { ROOT, WALK_THROUGH } from './pages.ts'

/** What the copy needs: the source, its tests, and what they are run by. */
const COPIED = ['bin', 'bench', 'scripts', 'src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

const execute = promisify(execFile)

test('every block of docs/extend.md can be followed, and what comes of it compiles and passes its tests', async () => {
  const copy = copySource()
  for (const block of usesOf(readFileSync(join(ROOT, WALK_THROUGH), 'utf8'))) await follow(copy, block)
}, 300_000)

describe('a change in a page', () => {
  test('is put where its lines stand', () => {
    expect(applyDiff('a\nb\nc\n', ' a\n-b\n+d\n+e\n c')).toBe('a\nd\ne\nc\n')
    expect(applyDiff('a\nb\nc\n', ' a\n+d\n@@\n c\n+e')).toBe('a\nd\nb\nc\ne\n')
  })

  test.each([
    ['that stands nowhere', 'a\nc\n', ' a\n-b'],
    ['that stands twice', 'a\na\n', ' a\n+b'],
  ])('%s is refused', (_, text, diff) => {
    expect(() => applyDiff(text, diff)).toThrow(/^these lines stand (not|more than) once/)
  })
})

function copySource(): string {
  const copy = mkdtempSync(join(tmpdir(), 'switchhook-walk-through-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(join(copy, 'commands'))
  const command = `#!/bin/sh\nexec node ${join(copy, 'bin', 'switchhook.js')} "$@"\n`
  writeFileSync(join(copy, 'commands', 'switchhook'), command, { mode: 0o755 })
  return copy
}

async function follow(copy: string, { use, text, line }: Block & { readonly use: Use }): Promise<void> {
  const place = `${WALK_THROUGH}:${line}`
  switch (use.kind) {
    case 'source':
      return putSource(join(copy, use.path), text, use.isDiff)
    case 'configuration':
      return writeFileSync(join(copy, 'switchhook.yaml'), `${text}\n`)
    case 'run': {
      const stdout = await run(copy, text)
      if (use.prints !== undefined) expect(JSON.parse(stdout), place).toEqual(expectation(JSON.parse(use.prints)))
      return
    }
    case 'printed':
    case 'drawing':
      return
    default:
      return expect.fail(`${place}: the walk-through has no use for a block of kind ${use.kind}`)
  }
}

function putSource(path: string, text: string, isDiff: boolean): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, isDiff ? applyDiff(readFileSync(path, 'utf8'), text) : `${text}\n`)
}

/** Runs commands in the copy, without what this run of the tests has told its own processes. */
async function run(copy: string, script: string): Promise<string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_V8_COVERAGE|NODE_OPTIONS|TEST$)/.test(name),
  )
  const path = [join(copy, 'commands'), dirname(process.execPath), process.env['PATH']].join(delimiter)
  const env = { ...Object.fromEntries(own), PATH: path, WALL_KEY: 'a key of an example' }
  try {
    return (await execute('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], { cwd: copy, env })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`in ${relative(tmpdir(), copy)}: ${script}\n${stdout}\n${stderr}`, { cause: error })
  }
}
