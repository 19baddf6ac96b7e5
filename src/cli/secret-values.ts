/**
 * Hides what is secret in the text of a configuration before any line of it is shown: also what must not stand there at all, such
 * as a token in the place of `{ env: NAME }`. Invariant: every other character keeps its line and column. Used by `quoted.ts`.
 */
import { type Document, isNode, isPair, isScalar, parseDocument, visit } from 'yaml'
import { aliasTargets } from '../config/alias-targets.ts'

/** Stands for each hidden character: no other text of a configuration may hold it (YAML 1.2, 5.1). */
export const HIDDEN = '\0'

/** Keys, and names of header fields and parameters, whose values are secrets. */
const SECRET_NAME =
  /^secrets$|^credentials$|^authorization$|^cookie$|(?:secret|token|password|api[-_]?key|-auth(?:orization)?)$/i

/** The forms of a secret that say where it is and not what it is. */
const REFERENCES: readonly unknown[] = ['env', 'file']

/** A secret right behind its key; for texts that are no YAML, in which a value may be anywhere. */
const AFTER_KEY =
  /(\b\w*(?:secrets?|credentials|authorization|password|token|api[-_]?key)["']?\s*[:=]\s*)([^\s[{][^,}\]\r\n]*)/gi

/** `text` with {@link HIDDEN} for each character of a secret. */
export function withoutSecretValues(text: string): string {
  const document = parseDocument(text, { logLevel: 'silent' })
  const shown = hideRanges(text, secretRanges(document))
  if (document.errors.length === 0) return shown
  return shown.replace(AFTER_KEY, (_, key: string, value: string) => key + hidden(value))
}

type Range = readonly [begin: number, end: number]

function secretRanges(document: Document): readonly Range[] {
  const targetOf = aliasTargets(document)
  const found: Range[] = []
  const hide = (node: unknown): void => {
    if (isNode(node) && node.range) found.push([node.range[0], node.range[1]])
  }
  visit(document, {
    Scalar: (key, node, path) => {
      if (key !== 'key' && isSecret(path)) hide(node)
    },
    // The value stands where the anchor is.
    Alias: (_, node, path) => {
      if (isSecret(path)) hide(targetOf(node))
    },
  })
  return found
}

/** Whether what stands at the end of `path`, which holds the nodes around it, is a secret. */
function isSecret(path: readonly unknown[]): boolean {
  const keys = path.filter(isPair).map((pair) => nameOf(pair.key))
  if (REFERENCES.includes(keys.at(-1))) return false
  if (keys.some((key) => typeof key === 'string' && SECRET_NAME.test(key))) return true
  return (keys.at(-1) === 'key' && keys.includes('tls')) || isValueOfSecretName(path)
}

/** `{ name: X-Api-Key, value: … }` */
function isValueOfSecretName(path: readonly unknown[]): boolean {
  return path.some((outer) => {
    if (!isNode(outer) || !('items' in outer) || !Array.isArray(outer.items)) return false
    const name = outer.items.find((item: unknown) => isPair(item) && nameOf(item.key) === 'name')
    const value = outer.items.find((item: unknown) => isPair(item) && nameOf(item.key) === 'value')
    return isPair(name) && value !== undefined && path.includes(value) && SECRET_NAME.test(String(nameOf(name.value)))
  })
}

function nameOf(node: unknown): unknown {
  return isScalar(node) ? node.value : undefined
}

function hideRanges(text: string, ranges: readonly Range[]): string {
  let shown = ''
  let doneTo = 0
  for (const [begin, end] of ranges.toSorted(([one], [other]) => one - other)) {
    if (begin < doneTo) continue
    shown += text.slice(doneTo, begin) + hidden(text.slice(begin, end))
    doneTo = end
  }
  return shown + text.slice(doneTo)
}

function hidden(text: string): string {
  return text.replace(/[^\r\n]/g, HIDDEN)
}
