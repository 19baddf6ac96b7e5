/**
 * Reads the file of an event for commands that take one, `-` being the standard input. The text goes to the engine as it is,
 * so that numbers keep their digits; here it is only made sure that it is a JSON object.
 */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { messageOf, SwitchhookError } from '../errors.ts'

/** The JSON text of an event; throws `usage` where there is none, with its place in the file where JSON is wrong. */
export async function readEventFile(file: string): Promise<string> {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((error: unknown) => {
    throw new SwitchhookError('usage', `${file} can't be read: ${messageOf(error)}`, { cause: error })
  })
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (error) {
    throw new SwitchhookError('usage', `${file} is not JSON: ${messageOf(error)}`, { cause: error })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return content
  throw new SwitchhookError(
    'usage',
    `${file} holds no event: a JSON object is expected, {"type":"call.end","data":{…}}`,
  )
}
