/** docs/architecture.md tells the floors as `test/architecture/floors.test.ts` holds them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './pages.ts'

const CHECKED = readFileSync(join(ROOT, 'test', 'architecture', 'floors.test.ts'), 'utf8')
const PAGE = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8')

test('the floors of the page are those that are checked', () => {
  const checked = [...CHECKED.matchAll(/\/\* (\d): .*? \*\/ \[(.*)\]/g)].map(([, floor, parts = '']) => [
    floor,
    parts.replaceAll("'", '').split(', '),
  ])
  const told = [...PAGE.matchAll(/^\| (\d) \| (.*?) \|/gm)].map(([, floor, parts = '']) => [
    floor,
    parts.replaceAll('`', '').split(', '),
  ])
  expect(checked.length).toBeGreaterThan(5)
  expect(told).toEqual(checked)
})
