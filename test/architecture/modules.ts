/**
 * Reads TypeScript files for the architecture tests: parsed by the compiler that Vite brings, so that an import inside
 * a string or a comment is none. Modules can come from the disk or be written down in a test.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type ESTree, parseSync, Visitor } from 'vite'

/** A file as the rules see it. */
export interface SourceModule {
  /** From the project's folder, with `/`: `src/policy/backoff.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  readonly program: ESTree.Program
}

/** One mention of another module, whether for its values, its types, its effects or as the file of a worker. */
export interface Import {
  /** As written: `../errors.ts`, `node:fs`, `undici`. */
  readonly specifier: string
  /** From 1. */
  readonly line: number
}

/** The project's folder. */
const projectFolder: string = join(import.meta.dirname, '..', '..')

/** All files below these folders of the project whose names end in one of `endings`; a missing folder has none. */
export function listFiles(folders: readonly string[], endings: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => readFolder(join(projectFolder, folder)))
    .filter((path) => !path.includes('/node_modules/') && endings.some((ending) => path.endsWith(ending)))
    .map((path) => relative(projectFolder, path))
    .sort()
}

function readFolder(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The text of a file of the project. */
export function readText(path: string): string {
  return readFileSync(join(projectFolder, path), 'utf8')
}

/** All TypeScript modules below these folders of the project. */
export function readModules(folders: readonly string[]): readonly SourceModule[] {
  return listFiles(folders, ['.ts']).map((path) => parseModule(path, readText(path)))
}

/** A module from its text. Throws where the text is not TypeScript. */
export function parseModule(path: string, text: string): SourceModule {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  return { path, text, imports: findImports(program, text), program }
}

/** The line, from 1, in which the character at `offset` stands. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function findImports(program: ESTree.Program, text: string): readonly Import[] {
  const imports: Import[] = []
  const add = (source: ESTree.Node | null | undefined): void => {
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return
    imports.push({ specifier: source.value, line: lineAt(text, source.start) })
  }
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
    NewExpression: (node) => filesOfUrl(node).forEach(add),
  }).visit(program)
  return imports
}

/** The files that `new URL('./entry.ts', import.meta.url)` can name: how a worker's code is found. */
function filesOfUrl(node: ESTree.NewExpression): readonly ESTree.Node[] {
  const [file, base] = node.arguments
  const isUrl = node.callee.type === 'Identifier' && node.callee.name === 'URL' && base?.type === 'MemberExpression'
  if (!isUrl || file === undefined) return []
  const candidates = file.type === 'ConditionalExpression' ? [file.consequent, file.alternate] : [file]
  return candidates.filter((candidate) => candidate.type === 'Literal' && /\.[jt]s$/.test(String(candidate.value)))
}
