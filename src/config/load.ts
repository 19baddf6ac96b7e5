/**
 * Loads a configuration: reads the text, checks every section and what they say about each other, and tells all mistakes at
 * once, each with its place. A configuration with a mistake is refused whole. Called at start-up, on reload and by `check`.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf, messageOf } from '../errors.ts'
import { entriesOf } from '../profiles/entries.ts'
import type { Mistake } from '../profiles/mistake.ts'
import type { EngineConfig } from './engine-config.ts'
import { type FileState, fileStateSync } from './file-state.ts'
import { type ConfigIssue, inReadingOrder } from './issues.ts'
import { readConfig } from './read-config.ts'
import { type Environment, secretField } from './secrets.ts'
import { type ConfigSource, readSource } from './source.ts'
import { warningsFor } from './warnings.ts'
import { writtenConfig } from './written.ts'

/** A configuration that can be used, or all that keeps it from being used. */
export type LoadResult = (
  | { readonly kind: 'loaded'; readonly config: EngineConfig }
  | { readonly kind: 'refused'; readonly issues: readonly ConfigIssue[] }
) & {
  readonly warnings: readonly ConfigIssue[]
  /** What was read, as it was right before: when one of them changes, this result is no longer true. */
  readonly files: readonly FileState[]
}

/** Loads the file at `path`. A file that can't be read is a mistake like any other; never throws for what it holds. */
export async function loadConfigFile(path: string, environment: Environment): Promise<LoadResult> {
  const file = fileStateSync(path)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    const isMissing = codeOf(thrown) === 'ENOENT'
    const message = `can't be read: ${messageOf(thrown)}${isMissing ? '; `switchhook init` writes a first one' : ''}`
    return {
      kind: 'refused',
      issues: [{ file: path, line: 1, column: 1, path: '', message }],
      warnings: [],
      files: [file],
    }
  }
  const result = parseConfig(text, path, environment)
  return { ...result, files: [file, ...result.files] }
}

/**
 * Reads a configuration from its text. `fileName` stands in every issue, and its folder is where relative paths begin, of
 * secrets and of the store; `environment` holds the variables that secrets can name. `files` are those of secrets.
 */
export function parseConfig(text: string, fileName: string, environment: Environment): LoadResult {
  const { source, mistakes: syntax } = readSource(text)
  const syntaxIssues = syntax.map((each) => ({ file: fileName, path: '', ...each }))
  if (source === undefined) return { kind: 'refused', issues: inReadingOrder(syntaxIssues), warnings: [], files: [] }
  const files = new Map<string, FileState>()
  const secretsRead = new Map<string, string>()
  const secret = secretField(environment, dirname(fileName), {
    onFile: (file) => files.set(file.path, file),
    onRead: (reference, text) => secretsRead.set(reference, text),
  })
  const read = readConfig(source.value, secret)
  const toIssue = (each: Mistake): ConfigIssue => placedIssue(each, fileName, source)
  if (read.kind === 'refused' || syntax.length > 0) {
    const mistakes = read.kind === 'refused' ? read.mistakes.map(toIssue) : []
    const issues = inReadingOrder([...syntaxIssues, ...mistakes])
    return { kind: 'refused', issues, warnings: [], files: [...files.values()] }
  }
  const { store } = read.config
  const config = {
    ...read.config,
    ...writtenConfig(source.value),
    secretsRead,
    store: { ...store, path: resolve(dirname(fileName), store.path) },
  }
  const warnings = inReadingOrder(warningsFor(config).map(toIssue))
  return { kind: 'loaded', config, warnings, files: [...files.values()] }
}

/** Where a mistake within a text could only be placed at the text's beginning, the message says where in it. */
function placedIssue(mistake: Mistake, file: string, source: ConfigSource): ConfigIssue {
  const { line, column, isExact } = source.placeOf(mistake)
  const { within, message } = mistake
  const issue = { file, line, column, path: mistake.path.join('.'), message }
  if (isExact || within === undefined) return issue
  const placed = { ...issue, message: `line ${within.line}, column ${within.column}: ${message}` }
  const text = valueAt(source.value, mistake.path)
  const quote = typeof text === 'string' ? text.split(/\r\n|\r|\n/)[within.line - 1] : undefined
  return quote === undefined ? placed : { ...placed, quote: { text: quote, ...within } }
}

function valueAt(value: unknown, path: Mistake['path']): unknown {
  return path.reduce<unknown>((outer, step) => {
    if (Array.isArray(outer)) return outer[Number(step)]
    return new Map(entriesOf(outer) ?? []).get(String(step))
  }, value)
}
