/**
 * The declarations of the package named types of OpenTelemetry's API, which is a peer that may be missing: a program in TypeScript
 * that had no use for spans did not compile without it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const PROJECT = join(import.meta.dirname, '..', '..')

/** Compiling takes some seconds. */
const PATIENCE_MS = 120_000

/** `from 'name'` and `import('name')`, as declarations have them. */
const IMPORTED = /(?:from |import\()['"]([^'"]+)['"]/g

/** The packages that the declarations of `entries` need, Node.js' own left out, each with one of the files that names it. */
function packagesOf(folder: string, entries: readonly string[]): ReadonlyMap<string, string> {
  const files = new Set(entries.map((entry) => join(folder, entry)))
  const packages = new Map<string, string>()
  for (const file of files) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name.replace(/\.[jt]s$/, '.d.ts')))
      else if (!name.startsWith('node:')) packages.set(name, relative(folder, file))
    }
  }
  return packages
}

test('the declarations of the package need nothing but what is installed with it', { timeout: PATIENCE_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-declarations-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const compiler = join(PROJECT, 'node_modules', 'typescript', 'lib', 'tsc.js')
  const options = ['--emitDeclarationOnly', '--declaration', '--outDir', folder]
  execFileSync(process.execPath, [compiler, '-p', join(PROJECT, 'tsconfig.build.json'), ...options])
  const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  const needed = packagesOf(folder, ['index.d.ts', 'client/client.d.ts'])
  expect([...needed].filter(([name]) => !Object.hasOwn(dependencies, name))).toEqual([])
})
