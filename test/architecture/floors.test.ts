/**
 * The architecture in one place. A part imports only parts on lower floors; parts on one floor do not know each other.
 */
import { describe, expect, test } from 'vitest'
import { type Floors, findCircles, findHomeless, findLongFiles, findWrongImports } from './floors.ts'
import { parseModule, readModules, readText, type SourceModule } from './modules.ts'

const floors: Floors = [
  /* 0: the words of the field         */ ['errors.ts', 'model/'],
  /* 1: pure decisions                 */ ['clock.ts', 'thread.ts', 'policy/', 'catalog/', 'logging/', 'client/'],
  /* 2: render, judge, send, measure   */ ['compile/', 'interpret/', 'transport/', 'metrics/'],
  /* 3: what platforms want, spans     */ ['profiles/', 'tracing/'],
  /* 4: configuration, threads, memory */ ['config/', 'worker/', 'outbox/'],
  /* 5: the heart                      */ ['engine/'],
  /* 6: what is changed while it runs  */ ['manage/'],
  /* 7: HTTP in                        */ ['ingress/'],
  /* 8: put together                   */ ['service.ts'],
  /* 9: for people, for programs       */ ['cli/', 'index.ts'],
]

const mostLines = 400

describe('the source keeps the floors of the house', () => {
  const modules = readModules(['src'])

  test('every file has its floor', () => {
    expect(findHomeless(modules, floors)).toEqual([])
  })

  test('every import goes down, stays in its part, or names a package that users get', () => {
    expect(findWrongImports(modules, floors, dependencies())).toEqual([])
  })

  test('no files import each other in a circle', () => {
    expect(findCircles([...modules, ...readModules(['bench'])])).toEqual([])
  })

  test(`no file has more than ${mostLines} lines, in tests, scripts and benches neither`, () => {
    expect(findLongFiles([...modules, ...readModules(['test', 'scripts', 'bench'])], mostLines)).toEqual([])
  })
})

describe('the checker finds what is wrong', () => {
  const wrongImports: readonly [title: string, path: string, code: string, reason: string][] = [
    ['an upward import', 'src/policy/a.ts', "import { b } from '../engine/b.ts'", 'upwards, from policy/ on floor 1'],
    ['an upward import of a type', 'src/model/a.ts', "import type { B } from '../policy/b.ts'", 'upwards'],
    ['an upward re-export', 'src/model/a.ts', "export { b } from '../policy/b.ts'", 'upwards'],
    ['an upward re-export of everything', 'src/model/a.ts', "export * from '../policy/b.ts'", 'upwards'],
    ['an upward import for its effects', 'src/model/a.ts', "import '../policy/b.ts'", 'upwards'],
    ['an upward import when it is needed', 'src/model/a.ts', "await import('../policy/b.ts')", 'upwards'],
    ['an upward import inside a type', 'src/model/a.ts', "type B = import('../policy/b.ts').B", 'upwards'],
    ['an upward worker', 'src/model/a.ts', "new URL('../worker/b.ts', import.meta.url)", 'upwards'],
    [
      'an upward worker, here compiled and there not',
      'src/model/a.ts',
      "new URL(compiled ? './b.js' : '../worker/b.ts', import.meta.url)",
      'upwards',
    ],
    ['a sideways import', 'src/compile/a.ts', "import { b } from '../transport/b.ts'", 'sideways, from compile/'],
    ['a sideways import between files', 'src/clock.ts', "import { b } from './catalog/catalog.ts'", 'sideways'],
    ['words that know errors', 'src/model/a.ts', "import { b } from '../errors.ts'", 'sideways'],
    ['a way out of src', 'src/cli/a.ts', "import { b } from '../../test/b.ts'", 'outside of src'],
    ['a part without a floor', 'src/cli/a.ts', "import { b } from '../misc/b.ts'", "'misc/' is on no floor"],
    ['a package for development', 'src/cli/a.ts', "import { test } from 'vitest'", 'vitest is not among'],
    ['a scoped package', 'src/cli/a.ts', "import { b } from '@scope/b/c'", '@scope/b is not among'],
  ]
  test.each(wrongImports)('%s', (_title, path, code, reason) => {
    const problems = findWrongImports([parseModule(path, code)], floors, new Set(['undici']))
    expect(problems).toEqual([expect.stringContaining(reason)])
    expect(problems[0]).toMatch(new RegExp(`^${path}:1 imports `))
  })

  const rightImports: readonly [title: string, path: string, code: string][] = [
    ['a downward import', 'src/engine/a.ts', "import { b } from '../policy/b.ts'"],
    ['an import within a part', 'src/policy/a.ts', "import { b } from './deep/b.ts'"],
    ['a package that users get', 'src/policy/a.ts', "import { Pool } from 'undici'"],
    ['a part of Node.js', 'src/policy/a.ts', "import { join } from 'node:path'"],
    ['an import in a string', 'src/policy/a.ts', 'export const text = "import { b } from \'../engine/b.ts\'"'],
    ['an import in a comment', 'src/policy/a.ts', "// import { b } from '../engine/b.ts'"],
    ['a URL of something that is no code', 'src/policy/a.ts', "new URL('../../package.json', import.meta.url)"],
    ['a test that imports from anywhere', 'test/policy/a.test.ts', "import { b } from '../../src/engine/b.ts'"],
  ]
  test.each(rightImports)('but not %s', (_title, path, code) => {
    expect(findWrongImports([parseModule(path, code)], floors, new Set(['undici']))).toEqual([])
  })

  test('a file on no floor', () => {
    const modules = [parseModule('src/misc/a.ts', ''), parseModule('src/stray.ts', ''), parseModule('src/cli/a.ts', '')]
    expect(findHomeless(modules, floors)).toEqual([
      "src/misc/a.ts: 'misc/' is on no floor",
      "src/stray.ts: 'stray.ts' is on no floor",
    ])
  })

  test('a circle, even of types, and tells the way round', () => {
    const modules = tree({
      'src/cli/main.ts': "import './a.ts'",
      'src/cli/a.ts': "import { b } from './deep/b.ts'",
      'src/cli/deep/b.ts': "import type { C } from '../c.ts'; import 'undici'",
      'src/cli/c.ts': "import { a } from './a.ts'",
    })
    expect(findCircles(modules)).toEqual(['src/cli/a.ts -> src/cli/deep/b.ts -> src/cli/c.ts -> src/cli/a.ts'])
  })

  test('no circle where two ways lead to one file', () => {
    const modules = tree({
      'src/cli/a.ts': "import './b.ts'; import './c.ts'",
      'src/cli/b.ts': "import './d.ts'",
      'src/cli/c.ts': "import './d.ts'",
      'src/cli/d.ts': '',
    })
    expect(findCircles(modules)).toEqual([])
  })

  test('a file that is one line too long', () => {
    const lines = (count: number): string => '// line\n'.repeat(count)
    const modules = tree({ 'src/cli/long.ts': lines(mostLines + 1), 'src/cli/last.ts': lines(mostLines) })
    expect(findLongFiles(modules, mostLines)).toEqual(['src/cli/long.ts has 401 lines, more than 400: split it'])
  })
})

function tree(files: Readonly<Record<string, string>>): readonly SourceModule[] {
  return Object.entries(files).map(([path, text]) => parseModule(path, text))
}

function dependencies(): ReadonlySet<string> {
  const manifest: { dependencies: Record<string, string>; peerDependencies: Record<string, string> } = JSON.parse(
    readText('package.json'),
  )
  return new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
}
