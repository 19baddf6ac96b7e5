/**
 * Reads the file of an event for commands that take one, `-` being the standard input. The text goes to the engine as it is,
 * so that numbers keep their digits; here it is only made sure that it is a JSON object.
 */
import { messageOf, SwitchhookError } from '../errors.ts'
import { type Place, quoted } from './quoted.ts'
import { readTextFile } from './text-file.ts'

/** The JSON text of an event; throws `usage` where there is none, with the line of the file where JSON is wrong. */
export async function readEventFile(file: string): Promise<string> {
  const content = await readTextFile(file)
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (error) {
    const issues = quoted(content, placeOf(messageOf(error), content))
    throw new SwitchhookError('usage', `${file} is not JSON: ${messageOf(error)}`, { cause: error, issues })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return content
  throw new SwitchhookError(
    'usage',
    `${file} holds no event: a JSON object is expected, {"type":"call.end","data":{…}}`,
  )
}

/** Node.js says the place in its message; where it says none, the text is over too early. */
function placeOf(message: string, content: string): Place {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? []
  if (line !== undefined && column !== undefined) return { line: Number(line), column: Number(column) }
  const lines = content.trimEnd().split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
