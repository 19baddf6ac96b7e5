/**
 * Which pages there are: README, SECURITY and everything in `docs`. A page that is added is tested without being listed
 * anywhere. Used by the tests of this folder.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The root of the project. */
export const ROOT: string = join(import.meta.dirname, '..', '..')

/** Paths of all pages from {@link ROOT}. */
export const PAGES: readonly string[] = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
]

/** The walk-through changes the source, so that its blocks run on a copy: see `walk-through.test.ts`. */
export const WALK_THROUGH = 'docs/extend.md'
