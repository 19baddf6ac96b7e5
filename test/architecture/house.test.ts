/**
 * The rules of the house, where each holds, and for each an example that breaks it.
 */
import { describe, expect, test } from 'vitest'
import {
  beginsWithComment,
  findBroken,
  findMachinePaths,
  hasKebabCaseName,
  hasNoDefaultExport,
  hasNoEmptyCatch,
  hasNoEnum,
  hasNoMutableState,
  hasTellingName,
  type Rule,
  readsNoClock,
} from './house.ts'
import { listFiles, parseModule, readModules, readText } from './modules.ts'

const everywhere = ['src', 'test', 'scripts', 'bench']

const rules: readonly [title: string, folders: readonly string[], rule: Rule][] = [
  ['every source file begins with a comment of at most 8 lines', ['src'], beginsWithComment],
  ['nothing is exported by default', everywhere, hasNoDefaultExport],
  ['there is no enum', everywhere, hasNoEnum],
  ['no catch is empty', everywhere, hasNoEmptyCatch],
  ['policy, engine and outbox read no clock', ['src/policy', 'src/engine', 'src/outbox'], readsNoClock],
  ['no module holds state that changes', ['src'], hasNoMutableState],
  ['no file is called after nothing in particular', everywhere, hasTellingName],
  ['files are named in kebab case', everywhere, hasKebabCaseName],
]

describe('the house', () => {
  const modules = readModules(everywhere)

  test.each(rules)('%s', (_title, folders, rule) => {
    const concerned = modules.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)))
    expect(findBroken(concerned, rule)).toEqual([])
  })

  test('no file names a folder of one machine', () => {
    const folders = [...everywhere, 'bin', 'docs', 'examples', '.ci']
    const files = [...listFiles(folders, ['.ts', '.js', '.json', '.md', '.yaml', '.html', 'run']), 'README.md']
    expect(files.filter((path) => findMachinePaths(readText(path)).length > 0)).toEqual([])
  })
})

describe('the checker finds what breaks a rule', () => {
  const header = '/**\n * One line of text.\n * Another one.\n */\n'
  const text = (lines: number): string => `/**\n${' * Text.\n'.repeat(lines)} */\n`
  const broken: readonly [title: string, rule: Rule, code: string][] = [
    ['a file without a comment', beginsWithComment, 'export const a = 1\n'],
    ['a comment that is not first', beginsWithComment, `export const a = 1\n${header}`],
    ['a comment squeezed into one line', beginsWithComment, '/** Text. */\n'],
    ['a comment of nine lines', beginsWithComment, text(9)],
    ['a comment that says nothing', beginsWithComment, '/**\n *\n *\n */\n'],
    ['a default export', hasNoDefaultExport, 'export default 1'],
    ['a default export by name', hasNoDefaultExport, 'const a = 1; export { a as default }'],
    ['an enum', hasNoEnum, 'enum Colour { Red }'],
    ['a constant enum', hasNoEnum, 'export const enum Colour { Red }'],
    ['an empty catch', hasNoEmptyCatch, 'try { go() } catch {}'],
    ['a catch with only a comment', hasNoEmptyCatch, 'try { go() } catch (error) { /* fine */ }'],
    ['a look at the clock', readsNoClock, 'const a = Date.now()'],
    ['a clock handed on', readsNoClock, 'start({ now: Date.now })'],
    ['the date of today', readsNoClock, 'const a = new Date()'],
    ['a variable at the top', hasNoMutableState, 'let a = 1'],
    ['an exported variable', hasNoMutableState, 'export let a = 1'],
    ['an old variable at the top', hasNoMutableState, 'var a = 1'],
  ]
  test.each(broken)('%s', (_title, rule, code) => {
    expect(findBroken([parseModule('src/policy/a.ts', code)], rule)).toEqual(['src/policy/a.ts:1'])
  })

  test('on its line', () => {
    expect(findBroken([parseModule('src/a.ts', `${header}\nlet a = 1\n`)], hasNoMutableState)).toEqual(['src/a.ts:6'])
  })

  const right: readonly [title: string, rule: Rule, code: string][] = [
    ['a comment of one line', beginsWithComment, text(1)],
    ['a comment of eight lines', beginsWithComment, text(8)],
    ['a named export', hasNoDefaultExport, 'export const a = 1'],
    ['the word enum in a text', hasNoEnum, "const a = 'enum Colour { Red }'"],
    ['a catch that answers', hasNoEmptyCatch, 'function a() { try { go() } catch { return undefined } }'],
    ['a date from a number', readsNoClock, 'const a = new Date(0)'],
    ['a clock in a comment', readsNoClock, '// Date.now() is not for here'],
    ['a variable in a function', hasNoMutableState, 'function a() { let b = 1; return b }'],
    ['a constant at the top', hasNoMutableState, 'export const a = 1'],
  ]
  test.each(right)('but not %s', (_title, rule, code) => {
    expect(findBroken([parseModule('src/policy/a.ts', code)], rule)).toEqual([])
  })

  test.each(['src/cli/utils.ts', 'src/helpers/a.ts', 'src/common.ts', 'test/types.ts'])('a name like %s', (path) => {
    expect(findBroken([parseModule(path, '')], hasTellingName)).toEqual([`${path}:1`])
  })

  test.each(['src/cli/readVersion.ts', 'src/Policy/a.ts', 'src/cli/read_version.ts'])('a spelling like %s', (path) => {
    expect(findBroken([parseModule(path, '')], hasKebabCaseName)).toEqual([`${path}:1`])
  })

  test.each(['test/cli/read-version.test.ts', 'src/policy/types-of-calls.ts', 'bench/e2e/a.ts'])('not %s', (path) => {
    const modules = [parseModule(path, '')]
    expect([...findBroken(modules, hasKebabCaseName), ...findBroken(modules, hasTellingName)]).toEqual([])
  })

  test.each(['tmp', 'home', 'root', 'work', 'Users'])('a path below the folder %s of a machine', (folder) => {
    expect(findMachinePaths(`see "/${folder}/a.txt"`)).toEqual([5])
    expect(findMachinePaths(`see https://example.com/${folder}/a.txt and ./${folder}/b.txt`)).toEqual([])
  })
})
