/**
 * The JSON Schema of the configuration, as editors get it: it is what the code says, takes what is right, refuses what is wrong
 * as far as a shape can tell, and has a word for each key.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SCHEMA_FILES } from '../../scripts/schema-files.ts'
import { KEY_DESCRIPTIONS } from '../../src/config/key-descriptions.ts'
import { SECTIONS } from '../../src/config/read-config.ts'
import { mistakesIn } from '../config/check.ts'
import { bindings, WRONG_BINDINGS, WRONG_TEMPLATES } from '../config/wrong-bindings.ts'
import { WRONG_SECTIONS, WRONG_TEXTS } from '../config/wrong-sections.ts'
import { WRONG_WEBHOOK_KEYS, WRONG_WEBHOOKS, webhook } from '../config/wrong-webhooks.ts'
import { readBlocks } from '../docs/blocks.ts'
import { PAGES, WALK_THROUGH } from '../docs/pages.ts'
import { CONFIG_SCHEMA, complaintsAbout, isBeyondShape, isReadable } from './config-validator.ts'
import { type Schema, schemaIn } from './schema-values.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, 'examples')

const EXAMPLES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

/** What stands in pages, but for the profile that the walk-through adds. */
const BLOCKS = PAGES.filter((page) => page !== WALK_THROUGH).flatMap((page) =>
  readBlocks(readFileSync(join(ROOT, page), 'utf8'))
    .filter(({ info }) => info.startsWith('yaml'))
    .map(({ line, text }) => [`${page}:${line}`, text] as const),
)

/** Every wrong configuration that is told with its place, and all that is told of it. */
const WRONG: readonly (readonly [text: string, issues: readonly string[]])[] = [
  ...[...WRONG_TEXTS, ...WRONG_SECTIONS].map(([text, issue]) => [text, [issue]] as const),
  ...WRONG_WEBHOOK_KEYS.map(([key, issue]) => [webhook(key), [issue]] as const),
  ...WRONG_WEBHOOKS,
  ...WRONG_TEMPLATES,
  ...WRONG_BINDINGS.map(([item, issues]) => [bindings(item), [issues].flat()] as const),
]

test.each(SCHEMA_FILES.map(({ url, make }) => [url.pathname.split('/').at(-1) ?? '', url, make] as const))(
  'schema/%s is what `npm run schema` writes',
  (_name, url, make) => {
    expect(readFileSync(url, 'utf8')).toBe(make())
  },
)

describe('the schema takes', () => {
  test.each(EXAMPLES)('examples/%s', (name) => {
    expect(complaintsAbout(readFileSync(join(FOLDER, name), 'utf8'))).toEqual([])
  })

  test.each(BLOCKS)('the configuration at %s', (_place, text) => {
    expect(complaintsAbout(text)).toEqual([])
  })

  test.each(['', '{}', 'webhooks:\nbindings:', 'workers: 0', 'store: { engine: memory }'])('%j', (text) => {
    expect(complaintsAbout(text)).toEqual([])
  })
})

describe('of wrong configurations', () => {
  test('at least 60 are known with every message and its place', () => {
    expect(WRONG.length).toBeGreaterThanOrEqual(60)
    expect(WRONG.flatMap(([, issues]) => issues).filter((issue) => !/^f:\d+:\d+ ./.test(issue))).toEqual([])
  })

  test.each(WRONG.filter(([text]) => isReadable(text)))('%s is refused where its shape is wrong', (text, issues) => {
    expect(mistakesIn(text)).toEqual(issues)
    expect(complaintsAbout(text).length > 0).toBe(!issues.every(isBeyondShape))
  })
})

describe('the words for keys', () => {
  test('are there for every section', () => {
    expect(SECTIONS.filter((name) => !Object.hasOwn(KEY_DESCRIPTIONS, name))).toEqual([])
  })

  test('are there for every key, and none is for a key that there is not', () => {
    const used = new Set(
      Object.values(KEY_DESCRIPTIONS).map((row) => (typeof row === 'string' ? row : row.description)),
    )
    const found = new Set(descriptionsIn(CONFIG_SCHEMA))
    expect([...used].filter((words) => !found.has(words))).toEqual([])
    expect(keysWithoutWords(CONFIG_SCHEMA, '')).toEqual([])
  })

  test('are short', () => {
    expect(descriptionsIn(CONFIG_SCHEMA).filter((words) => words.length > 120 || words.endsWith('.'))).toEqual([])
  })
})

function descriptionsIn(schema: Schema): readonly string[] {
  const own = typeof schema['description'] === 'string' ? [schema['description']] : []
  return [...own, ...insideOf(schema).flatMap(([, each]) => descriptionsIn(each))]
}

function keysWithoutWords(schema: Schema, path: string): readonly string[] {
  const keys = Object.entries(schemaIn(schema['properties'])).map(
    ([key, each]) => [`${path}.${key}`, schemaIn(each)] as const,
  )
  const silent = keys.filter(([, each]) => !('description' in each) && !('$ref' in each)).map(([key]) => key)
  return [...silent, ...insideOf(schema).flatMap(([key, each]) => keysWithoutWords(each, `${path}${key}`))]
}

function insideOf(schema: Schema): readonly (readonly [string, Schema])[] {
  const named = ['properties', '$defs'].flatMap((keyword) =>
    Object.entries(schemaIn(schema[keyword])).map(([key, each]) => [`.${key}`, schemaIn(each)] as const),
  )
  const single = ['items', 'additionalProperties'].map((keyword) => ['', schemaIn(schema[keyword])] as const)
  const forms = ['anyOf', 'oneOf'].flatMap((keyword) => {
    const list: unknown = schema[keyword]
    return Array.isArray(list) ? list.map((each) => ['', schemaIn(each)] as const) : []
  })
  return [...named, ...single, ...forms].filter(([, each]) => Object.keys(each).length > 0)
}
