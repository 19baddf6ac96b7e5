/**
 * What an alias stands for was looked for in the whole document, for each alias anew: a file with a thousand of them took some
 * seconds to load, and twice as many four times as long. So did places of mistakes, and the lines that `check` shows.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alias, parseDocument, visit } from 'yaml'
import { withoutSecretValues } from '../../src/cli/secret-values.ts'
import { aliasTargets } from '../../src/config/alias-targets.ts'
import { readSource } from '../../src/config/source.ts'

const ITEMS = 1500

const ALIASED = textOf('*shared')
const WRITTEN_OUT = textOf('{ a: x }')

/** What documents with anchors and aliases are made of, right ones and wrong ones. */
const PIECES = [
  '&a ',
  '&b ',
  '*a ',
  '*b ',
  '*c',
  '& ',
  '*',
  '[',
  ']',
  '{',
  '}',
  ', ',
  ': ',
  '? ',
  'x',
  '- ',
  '\n',
  '\n  ',
]

/** A list whose items all hold `value`. */
function textOf(value: string): string {
  return `first: &shared { a: x }\nsecrets:\n${`  - { b: 1, c: 2, d: ${value} }\n`.repeat(ITEMS)}`
}

/** The shortest of several runs, in processor time. */
function cpuMsOf(work: (text: string) => unknown, text: string): number {
  const runs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage()
    work(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...runs)
}

/** Places a mistake in each item. */
function placeAll(text: string): unknown {
  const { source } = readSource(text)
  return Array.from({ length: ITEMS }, (_, index) =>
    source?.placeOf({ path: ['secrets', index, 'd', 'a'], at: 'value', message: 'wrong' }),
  )
}

function aliasesOf(document: ReturnType<typeof parseDocument>): readonly Alias[] {
  const aliases: Alias[] = []
  visit(document, { Alias: (_, alias) => void aliases.push(alias) })
  return aliases
}

test.each([
  ['read', readSource],
  ['searched for the places of mistakes', placeAll],
  ['shown without its secrets', withoutSecretValues],
])('a file of 1,500 aliases is %s about as fast as one that writes them out', (_, work) => {
  work(WRITTEN_OUT)
  // Going through the document for each alias took some hundred times as long.
  expect(cpuMsOf(work, ALIASED)).toBeLessThan(15 * cpuMsOf(work, WRITTEN_OUT))
})

describe('an alias stands for', () => {
  test.each([
    ['the latest node before it that has its anchor', '[&a 1, *a, &a 2, *a]', [1, 1, 2, 2]],
    ['the node before it also where it is reached by another alias', '[&a 1, &b [*a], &a 2, *b]', [1, [1], 2, [1]]],
    ['what lies around an inner node of the same anchor, behind it the inner one', '[&a [&a 1], *a]', [[1], 1]],
    ['a key', '{ &a key: *a }', { key: 'key' }],
    ['what a key that nobody reads holds', '{ ? [&a 1] : *a }', { '[1]': 1 }],
    ['a node with nothing in it', '[&a , *a]', [null, null]],
  ])('%s', (_, text, expected) => {
    expect(readSource(text)).toMatchObject({ source: { value: expected }, mistakes: [] })
  })

  test('what the reader of YAML takes it for, in right and in wrong documents', () => {
    let found = 0
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
        (text) => {
          const document = parseDocument(text, { logLevel: 'silent' })
          const targetOf = aliasTargets(document)
          for (const alias of aliasesOf(document)) {
            const target = alias.resolve(document)
            if (target !== undefined) found += 1
            expect(targetOf(alias)).toBe(target)
          }
        },
      ),
      { numRuns: 2000 },
    )
    expect(found).toBeGreaterThan(0)
  })
})
