/**
 * Where the log of `serve` goes: the standard error, as JSON for programs or as lines for people. Invariant: both come of the same
 * masked lines, and each is written before the next thing happens, so that the last words of a process that dies are not lost.
 */
import { styleText } from 'node:util'
import { type DestinationStream, pino } from 'pino'
import type { LogFormat } from '../logging/levels.ts'
import { prettyLine } from '../logging/pretty.ts'

/** The standard error; `format` undefined: for people where it is a terminal. Colours are on a terminal alone. */
export function logStream(format: LogFormat | undefined): DestinationStream {
  const stderr = pino.destination(2)
  if ((format ?? (process.stderr.isTTY ? 'pretty' : 'json')) === 'json') return stderr
  return {
    write: (line) => {
      stderr.write(prettyLine(line, (style, text) => styleText(style, text, { stream: process.stderr })))
    },
  }
}
