/**
 * Mistakes and warnings with the place in the file where they stand. Made by `load.ts`, shown by `check` and at start-up.
 */
import { maskUrls } from '../logging/mask.ts'

/** One mistake or warning. */
export interface ConfigIssue {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** The key: `webhooks.0.timeouts.connect`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong and what would be right, in one sentence without a final stop. */
  readonly message: string
  /**
   * The line of the value that it is about, from 1, and the column in it; only where the file's lines are not the value's
   * (a template in quotes, with escapes), so that the place above is but where the value begins.
   */
  readonly quote?: { readonly text: string; readonly line: number; readonly column: number }
}

/** One line, without passwords and queries of URLs: `switchhook.yaml:12:16 webhooks.0.timeouts.connect: 6s is more than the most allowed, 5s`. */
export function formatIssue({ file, line, column, path, message }: ConfigIssue): string {
  const text = `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${maskUrls(message)}`
  // What stands in a configuration must not rule the terminal, nor make lines of its own in a log.
  return text.replace(/\p{Cc}/gu, '·')
}

/** Order of reading: by line, then by column. */
export function inReadingOrder(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  return issues.toSorted((left, right) => left.line - right.line || left.column - right.column)
}
