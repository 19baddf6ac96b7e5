/**
 * The lines of a file or of the standard input, as they come: nothing is held but the line that is being read. Only a line feed
 * ends a line; other separators of Unicode may stand inside of JSON texts. Called by `switchhook send`.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { messageOf, SwitchhookError } from '../errors.ts'

/** Where lines come from. */
export interface LineSource {
  /** Bytes of all of it; undefined where that is not known beforehand. */
  readonly totalBytes: number | undefined
  /** Each line, blank ones too; `onBytes` of {@link openLines} has been told its bytes by then. */
  readonly lines: AsyncIterable<string>
}

/** Most characters of a line: what is longer is no event that an engine would take (8 MiB a request), nor NDJSON. */
const LINE_LENGTH = 16_777_216

/** Opens a file, or the standard input where it is `-`; throws `usage` where it can't be read. */
export async function openLines(file: string, onBytes: (count: number) => void): Promise<LineSource> {
  if (file === '-') return { totalBytes: undefined, lines: linesOf(process.stdin, file, onBytes) }
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  if (found.isDirectory()) throw new SwitchhookError('usage', `${file} is a folder; a file of events is expected`)
  return {
    // A pipe or a device has no size.
    totalBytes: found.isFile() ? found.size : undefined,
    lines: linesOf(createReadStream(file), file, onBytes),
  }
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  onBytes: (count: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let count = 0
  try {
    for await (const chunk of chunks) {
      onBytes(chunk.byteLength)
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      count += lines.length
      if (rest.length > LINE_LENGTH) {
        throw new SwitchhookError('usage', `line ${count + 1} of ${file} has no end: one event a line is expected`)
      }
      yield* lines
    }
  } catch (error) {
    throw error instanceof SwitchhookError ? error : unreadable(file, error)
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

function unreadable(file: string, error: unknown): SwitchhookError {
  return new SwitchhookError('usage', `${file} can't be read: ${messageOf(error)}`, { cause: error })
}
