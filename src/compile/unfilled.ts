/**
 * What somebody evidently meant as a token and a body sends as it stands: a token of the other syntax, or a data point's name as it
 * is spoken (`%First Name%`). Only for warnings: a body may hold such a text on purpose. Called by `config/`.
 */
import { isPointName } from '../catalog/catalog.ts'
import type { BodySpec, TemplateIssue } from '../model/request-spec.ts'
import { scanFormat } from './body-template.ts'
import { type Fault, issuesOf } from './places.ts'
import { findLookalikes, findTokens, type Token } from './tokens.ts'

/** Two or more words between percent signs; the last sign may begin another such text. */
const SPOKEN_NAME = /%(\p{L}[\p{L}\p{N}_]*(?:[ -]+[\p{L}\p{N}_]+)+)(?=%)/gu

/** Each such text of `body` as an issue of the part `body`; `known` are the names that `%tokens%` may have. */
export function unfilledIn(body: BodySpec, known: ReadonlySet<string>): readonly TemplateIssue[] {
  if (body.kind !== 'template' || body.format.syntax === 'none') return []
  const { type, format, fields } = body
  const tokens = findTokens(format, { known, hasEscapes: type === 'form' })
  const literal = withoutTokens(format.text, tokens)
  const show: ShowName = (name) => (format.syntax === 'percent' ? `%${name}%` : `\${${name}}`)
  const faults = [...otherTokens(literal, known, show), ...spokenNames(literal, known, show)]
  if (faults.length === 0 || (type !== 'json' && type !== 'xml')) return issuesOf('body', format.text, faults)
  const replaced = scanFormat(type, format.text, tokens).fields.filter(({ path }) => Object.hasOwn(fields, path))
  const isSent = ({ offset }: Fault): boolean => !replaced.some(({ start, end }) => start <= offset && offset < end)
  return issuesOf('body', format.text, faults.filter(isSent))
}

/** The text with its tokens blanked out, so that nothing is found across one; each place stays where it is. */
function withoutTokens(text: string, tokens: readonly Token[]): string {
  let literal = ''
  for (const { start, end } of tokens) literal += text.slice(literal.length, start) + '\n'.repeat(end - start)
  return literal + text.slice(literal.length)
}

/** The way in which a name is written as a token. */
type ShowName = (name: string) => string

function otherTokens(literal: string, known: ReadonlySet<string>, show: ShowName): readonly Fault[] {
  // Any name at first: nobody is told which one an unknown name was meant for, and finding that out takes long.
  return findLookalikes(literal, { known: 'any', hasEscapes: false })
    .filter(({ path }) => isPointName(path, known))
    .map(({ path, start, end }) => {
      const message = `${literal.slice(start, end)} is sent as it stands: a token is written ${show(path)} here`
      return { offset: start, message }
    })
}

function spokenNames(literal: string, known: ReadonlySet<string>, show: ShowName): readonly Fault[] {
  return [...literal.matchAll(SPOKEN_NAME)].flatMap(({ index, 1: words = '' }): readonly Fault[] => {
    const names = namesOf(words, known)
    if (names.length === 0) return []
    const message = `%${words}% is sent as it stands: did you mean ${names.map(show).join(' or ')}?`
    return [{ offset: index, message }]
  })
}

/** The data point of these words, else those whose names end with them: `First Name` is `ani_first_name`. */
function namesOf(words: string, known: ReadonlySet<string>): readonly string[] {
  const name = words.toLowerCase().replace(/[ -]+/g, '_')
  return known.has(name) ? [name] : [...known].filter((each) => each.endsWith(`_${name}`))
}
