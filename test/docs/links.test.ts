/**
 * What pages refer to is there: linked pages and headings, and files of the source that are named by their path. A drawing's
 * names count as well.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readBlocks } from './blocks.ts'
import { PAGES, ROOT, WALK_THROUGH } from './pages.ts'

/** A path in backticks or in a drawing: `src/engine/send/settle.ts`, `test/contract/`, `docs/extend.md`. */
const PATH = /(?<![\w./-])(?:src|test|docs|scripts|examples|bin|bench)\/[\w./-]*[\w/]/g

/** Names the file that a walk-through makes, which is not here. */
const MADE = /callboard/

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')

  test('links to what is there', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const wrong = targets.filter((target) => !/^https?:/.test(target) && !isThere(page, text, target))
    expect(wrong).toEqual([])
  })

  test('names files that are there', () => {
    const prose = [...text.matchAll(/`[^`\n]+`/g)].map(([code]) => code)
    const drawings = readBlocks(text).filter(({ info }) => info === 'text drawing')
    const named = [...prose, ...drawings.map((block) => block.text)].flatMap((each) => each.match(PATH) ?? [])
    const isMade = (path: string): boolean => page === WALK_THROUGH && MADE.test(path)
    expect(named.filter((path) => !isMade(path) && !existsSync(join(ROOT, path)))).toEqual([])
  })
})

test('the README leads to every page', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const pages = PAGES.filter((page) => page !== 'README.md' && !/^docs\/platforms\/(?!README)/.test(page))
  expect(pages.filter((page) => !readme.includes(`](${page})`))).toEqual([])
})

function isThere(page: string, text: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(ROOT, file))) return false
  if (heading === undefined) return true
  return headingsOf(path === '' ? text : readFileSync(join(ROOT, file), 'utf8')).includes(heading)
}

/** Anchors as GitHub makes them of headings. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
