/**
 * Reads a whole text file that is named on the command line, `-` being the standard input. Used by commands that take one.
 */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { messageOf, SwitchhookError } from '../errors.ts'

/** The text; throws `usage` where it can't be read. */
export async function readTextFile(file: string): Promise<string> {
  return await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((error: unknown) => {
    throw new SwitchhookError('usage', `${file} can't be read: ${messageOf(error)}`, { cause: error })
  })
}
