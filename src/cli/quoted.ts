/**
 * The line of a text that a mistake stands in, with a caret under its column, as compilers show it. What must not be shown
 * anywhere is masked here too: passwords and queries of URLs, and secrets of configurations. Used by whatever tells mistakes in a file.
 */
import { readFile } from 'node:fs/promises'
import { type ConfigIssue, formatIssue } from '../config/issues.ts'
import { MASKED, maskUrls } from '../logging/mask.ts'
import { oneLine } from './output.ts'
import { HIDDEN, withoutSecretValues } from './secret-values.ts'

/** A place in a text, from 1; columns are UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Most characters of a line that are shown, those around the caret. */
const SHOWN_LENGTH = 100

/** Characters shown before the caret where a line is longer. */
const BEFORE_CARET = 60

const HIDDEN_RUN = new RegExp(`${HIDDEN}+`, 'g')

/** Two lines of output, `  12 | "a": %b%` and the caret below; none where the text has no such line. */
export function quoted(text: string, { line, column }: Place): readonly string[] {
  const found = text.split(/\r\n|\r|\n/)[line - 1]
  return found === undefined ? [] : quotedLine(found, { line, column })
}

/** As {@link quoted}, of the line itself. */
function quotedLine(text: string, { line, column }: Place): readonly string[] {
  const whole = [...oneLine(masked(text))]
  const before = [...oneLine(masked(text.slice(0, column - 1)))]
  const caret = sharedLength(whole, before)
  const start = whole.length <= SHOWN_LENGTH ? 0 : Math.max(0, caret - BEFORE_CARET)
  const shown = whole.slice(start, start + SHOWN_LENGTH).join('')
  const head = start > 0 ? '…' : ''
  const tail = start + SHOWN_LENGTH < whole.length ? '…' : ''
  const number = String(line).padStart(4)
  const gap = ' '.repeat(head.length + caret - start)
  return [`${number} | ${head}${shown}${tail}`.trimEnd(), `${' '.repeat(number.length)} | ${gap}^`]
}

function masked(text: string): string {
  return maskUrls(text).replaceAll(HIDDEN_RUN, MASKED)
}

/** Characters with which both begin: what is masked may reach beyond the caret. */
function sharedLength(whole: readonly string[], before: readonly string[]): number {
  const differs = before.findIndex((character, index) => whole[index] !== character)
  return differs < 0 ? before.length : differs
}

/** Mistakes of a configuration file as lines of output, each with the line that it stands in. */
export async function issueLines(file: string, issues: readonly ConfigIssue[]): Promise<readonly string[]> {
  // A file that can't be read is told as a mistake already.
  const text = await readFile(file, 'utf8').then(withoutSecretValues, () => undefined)
  return issues.flatMap((issue) => {
    const { quote } = issue
    if (quote !== undefined) return [formatIssue(issue), ...quotedLine(quote.text, quote)]
    return text === undefined ? [formatIssue(issue)] : [formatIssue(issue), ...quoted(text, issue)]
  })
}
