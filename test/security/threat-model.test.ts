/** SECURITY.md names the test of each rule: every file that it names exists, and no test of this folder is left out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const PAGE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
const NAMED = new Set([...PAGE.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path))

test('every test that the threat model names exists', () => {
  expect(NAMED.size).toBeGreaterThan(30)
  expect([...NAMED].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('every test of security is named by the threat model', () => {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))
  expect(tests.filter((name) => !NAMED.has(`test/security/${name}`))).toEqual([])
})

/** The rows of a section's tables, heads left out. */
function rowsOf(title: string): readonly string[] {
  const [, section = ''] = PAGE.split(`## ${title}\n`)
  const rows = section.split('\n## ', 1)[0]?.match(/^\|.*\|$/gm) ?? []
  return rows.slice(2)
}

test.each([
  ['What is protected', 20],
  ['Rules for answers', 5],
  ['Hostile cases', 10],
])('every row of "%s" ends with a test that shows it', (title, least) => {
  const rows = rowsOf(title)
  expect(rows.length).toBeGreaterThanOrEqual(least)
  expect(rows.filter((row) => !/`test\/[\w./-]+\.test\.ts` \|$/.test(row))).toEqual([])
})

test('every named file holds tests, and none of them is left out when they run', () => {
  const files = [...NAMED]
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])
  expect(files.filter(([, text = '']) => !/^\s*(?:test|describe)\b/m.test(text)).map(([path]) => path)).toEqual([])
  expect(
    files.filter(([, text = '']) => /\b(?:test|describe|it)\.(?:skip|only|todo)\b/.test(text)).map(([path]) => path),
  ).toEqual([])
})

test('the packages that are needed to run are as many as the page says, of exact versions', () => {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  )
  const versions = Object.values(manifest.dependencies)
  expect(versions).toHaveLength(10)
  expect(PAGE).toContain('Ten packages are needed to run')
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})
