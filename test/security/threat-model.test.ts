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

test('every row of a threat ends with a test that shows it', () => {
  const [, section = ''] = PAGE.split('## What is protected\n')
  const rows =
    section
      .split('\n## ', 1)[0]
      ?.match(/^\|.*\|$/gm)
      ?.slice(2) ?? []
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.filter((row) => !/`test\/[\w./-]+\.test\.ts` \|$/.test(row))).toEqual([])
})
