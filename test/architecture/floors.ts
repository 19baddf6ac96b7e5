/**
 * Checks a tree of modules against a table of floors. Every problem is one line: which file imports what, and why that
 * is not allowed. Called by `floors.test.ts`, which holds the table.
 */
import { posix } from 'node:path'
import type { SourceModule } from './modules.ts'

/** The parts of `src` on each floor, the lowest first: `model/` is a folder, `errors.ts` a single file. */
export type Floors = readonly (readonly string[])[]

/** Imports that go up, sideways, out of `src`, or to a package that is installed for development only. */
export function findWrongImports(
  modules: readonly SourceModule[],
  floors: Floors,
  packages: ReadonlySet<string>,
): readonly string[] {
  const judge = (path: string, specifier: string): string | undefined =>
    isRelative(specifier)
      ? judgeModule(path, posix.join(posix.dirname(path), specifier), floors)
      : judgePackage(specifier, packages)
  return modules
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const reason = judge(path, specifier)
        return reason === undefined ? [] : [`${path}:${line} imports ${specifier}: ${reason}`]
      }),
    )
}

/** Files of `src` that stand in no row of the table. */
export function findHomeless(modules: readonly SourceModule[], floors: Floors): readonly string[] {
  return modules
    .filter(({ path }) => path.startsWith('src/') && floorOf(partOf(path), floors) === undefined)
    .map(({ path }) => `${path}: '${partOf(path)}' is on no floor`)
}

/** Circles of imports, each as the way round; modules that import each other only for types are one as well. */
export function findCircles(modules: readonly SourceModule[]): readonly string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const finished = new Set<string>()
  const circles: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path)
    if (start >= 0) {
      circles.push([...way.slice(start), path].join(' -> '))
      return
    }
    const module = byPath.get(path)
    if (module === undefined || finished.has(path)) return
    for (const { specifier } of module.imports.filter((imported) => isRelative(imported.specifier))) {
      visit(posix.join(posix.dirname(path), specifier), [...way, path])
    }
    finished.add(path)
  }
  for (const { path } of modules) visit(path, [])
  return circles
}

/** Files with more lines than `mostLines`. */
export function findLongFiles(modules: readonly SourceModule[], mostLines: number): readonly string[] {
  return modules.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    return lines > mostLines ? [`${path} has ${lines} lines, more than ${mostLines}: split it`] : []
  })
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

function judgeModule(path: string, target: string, floors: Floors): string | undefined {
  if (!target.startsWith('src/')) return 'it is outside of src'
  const [own, other] = [partOf(path), partOf(target)]
  if (own === other) return undefined
  const [ownFloor, otherFloor] = [floorOf(own, floors), floorOf(other, floors)]
  if (ownFloor === undefined || otherFloor === undefined) {
    return `'${ownFloor === undefined ? own : other}' is on no floor`
  }
  if (otherFloor < ownFloor) return undefined
  const direction = otherFloor === ownFloor ? 'sideways' : 'upwards'
  return `${direction}, from ${own} on floor ${ownFloor} to ${other} on floor ${otherFloor}`
}

function judgePackage(specifier: string, packages: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  return packages.has(name) ? undefined : `the package ${name} is not among the dependencies`
}

/** `src/policy/backoff.ts` belongs to `policy/`, `src/errors.ts` to itself. */
function partOf(path: string): string {
  const [, first = '', second] = path.split('/')
  return second === undefined ? first : `${first}/`
}

function floorOf(part: string, floors: Floors): number | undefined {
  const floor = floors.findIndex((parts) => parts.includes(part))
  return floor === -1 ? undefined : floor
}
