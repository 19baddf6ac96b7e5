/**
 * What the header fields of an answer say about its body, and which of them make it one that nobody may guess at: encoded although
 * identity was asked for, or of two types at once (RFC 9110, 8.3: recipients differ in which one they take). Pure; exchanges ask it.
 */

/** Header fields of an answer, names in lower case; repeated fields as a list. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Characters of a field that a detail repeats. */
const SHOWN_CHARACTERS = 40

/** A field's value, the first where it is repeated; empty where there is none. */
export function fieldOf(value: string | string[] | undefined): string {
  return (typeof value === 'object' ? value[0] : value) ?? ''
}

/** Why the body can't be read, in one line; `undefined` where nothing is wrong. */
export function headProblem(headers: AnswerHeaders): string | undefined {
  for (const name of ['content-encoding', 'transfer-encoding'] as const) {
    const plain = name === 'content-encoding' ? 'identity' : 'chunked'
    const encoding = listOf(headers[name]).find((member) => member !== plain)
    if (encoding !== undefined) {
      return `the answer is encoded (${name}: ${shown(encoding)}) although identity was asked for`
    }
  }
  const type = headers['content-type']
  const other = Array.isArray(type) ? type.find((value) => value !== type[0]) : undefined
  if (other === undefined) return undefined
  return `the answer has two types (content-type: ${shown(fieldOf(type))} and ${shown(other)})`
}

/** The members of a field that is a list, however it is cut into fields (RFC 9110, 5.3). */
function listOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return []
  const members = [value].flat().join(',').toLowerCase().split(',')
  return members.map((member) => member.trim()).filter((member) => member !== '')
}

function shown(value: string): string {
  return value.slice(0, SHOWN_CHARACTERS)
}
