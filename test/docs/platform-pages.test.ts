/**
 * Each profile has a page, and the page leaves nothing out: every key of its own, every word of its bindings, every event type
 * and method stands on it. Keys that all profiles have stand on the index.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { PROFILES } from '../../src/profiles/profiles.ts'
import { ROOT } from './pages.ts'

const FOLDER = join(ROOT, 'docs', 'platforms')
const INDEX = readFileSync(join(FOLDER, 'README.md'), 'utf8')

const KEYS = PROFILES.map(({ reader }) => reader(z.string()).keys)
const SHARED = (KEYS[0] ?? []).filter((key) => KEYS.every((keys) => keys.includes(key)))

test('the index names every key that all profiles have', () => {
  expect(SHARED).toContain('url')
  expect(missing(INDEX, SHARED)).toEqual([])
})

describe.each(PROFILES)('the page of $id', ({ id, methods, triggers, reader }) => {
  const file = join(FOLDER, `${id}.md`)
  const page = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const words = [
    ...reader(z.string()).keys.filter((key) => !SHARED.includes(key)),
    ...methods,
    ...triggers.flatMap(({ eventType, member, keys, words }) => [
      eventType,
      member,
      ...keys.flatMap(({ name, points }) => [name, ...points]),
      ...words,
    ]),
  ]

  test('is there, and the index leads to it', () => {
    expect(page).not.toBe('')
    expect(INDEX).toContain(`(${id}.md)`)
  })

  test('names every key, method, event type and word of a binding', () => {
    expect(missing(page, words)).toEqual([])
  })

  test('has a configuration, an event and a request in it', () => {
    expect(page).toContain('```yaml switchhook.yaml')
    expect(page).toMatch(/```json event\.json/)
    expect(page).toMatch(/switchhook render .* --json/)
  })
})

/** Of these words the ones that stand nowhere on a page in backticks. */
function missing(page: string, words: readonly string[]): readonly string[] {
  return [...new Set(words)].filter(
    (word) => !new RegExp(`\`[^\`\n]*(?<![\\w-])${word}(?![\\w-])[^\`\n]*\``).test(page),
  )
}
