/**
 * Configurations that stand in pages: whole ones, which an engine runs with, and fragments, which have to be without a mistake.
 * The files of secrets and certificates that a fragment names are made for it; variables of the environment are set.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseConfig } from '../../src/config/load.ts'

const CERTIFICATES = join(import.meta.dirname, '..', 'fixtures', 'tls')

/** Sections that the test's own engine has instead: where it listens, how many threads it has, what it keeps. */
const OWN_SECTIONS = /^(listen|workers|network|store): .*\n/gm

/** A configuration without the sections that a page writes on one line and a test has its own of. */
export function runnableConfiguration(text: string): string {
  return text.replaceAll(OWN_SECTIONS, '').replace(/^network:\n( .*\n)+/m, '')
}

/** A value for each variable of the environment that a configuration names. */
export function variablesOf(text: string): Readonly<Record<string, string>> {
  const names = [...text.matchAll(/\{ env: (\w+) \}/g)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
}

/** What is wrong with a fragment; files that it names are made in `folder`. */
export function fragmentMistakes(text: string, folder: string): readonly string[] {
  for (const [, path = ''] of text.matchAll(/\{ file: ([^ ,}]+) \}/g)) makeFile(join(folder, path))
  const read = parseConfig(text, join(folder, 'fragment.yaml'), variablesOf(text))
  return read.kind === 'loaded' ? [] : read.issues.map(({ line, path, message }) => `line ${line}, ${path}: ${message}`)
}

/** Certificates and keys that belong together, any text for what is neither. */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  if (/ca\.pem$/.test(path)) copyFileSync(join(CERTIFICATES, 'ca.crt'), path)
  else if (/\.pem$/.test(path)) copyFileSync(join(CERTIFICATES, 'good.crt'), path)
  else if (/\.key$/.test(path)) copyFileSync(join(CERTIFICATES, 'good.key'), path)
  else writeFileSync(path, 'a secret of an example\n')
}
