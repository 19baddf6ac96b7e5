/**
 * The runnable examples of a page: blocks that begin with ```sh runnable, each with the JSON block right below it, which is
 * what it must print.
 */

/** An example. */
export interface Example {
  /** Line of the page at which it begins, from 1. */
  readonly line: number
  readonly script: string
  /** JSON that it must print; undefined: whatever it prints is fine. */
  readonly prints: string | undefined
}

const FENCE = '```'

/** All examples of a page, in its order. */
export function readExamples(page: string): readonly Example[] {
  const lines = page.split('\n')
  const examples: Example[] = []
  for (const [index, line] of lines.entries()) {
    if (line !== `${FENCE}sh runnable`) continue
    const end = lines.indexOf(FENCE, index)
    if (end === -1) throw new Error(`the block at line ${index + 1} has no end`)
    const next = lines.findIndex((text, at) => at > end && text !== '')
    const isPrinted = lines[next] === `${FENCE}json`
    const prints = isPrinted ? lines.slice(next + 1, lines.indexOf(FENCE, next)).join('\n') : undefined
    examples.push({ line: index + 1, script: lines.slice(index + 1, end).join('\n'), prints })
  }
  return examples
}
