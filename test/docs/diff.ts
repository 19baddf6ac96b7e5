/**
 * Changes as pages show them: lines that stay begin with a blank, those that go with `-`, those that come with `+`; `@@` alone
 * on a line parts two places. There are no line numbers, so the lines that stay or go must stand in the file exactly once.
 */

/** `text` with the change of `diff`; throws where it does not fit. */
export function applyDiff(text: string, diff: string): string {
  return diff.split(/^@@$\n?/m).reduce(applyHunk, text)
}

function applyHunk(text: string, hunk: string): string {
  // A blank line that stays may have lost its blank.
  const lines = hunk
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line === '' ? ' ' : line))
  const without = (sign: string): string =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  const found = `\n${text}`
  const old = `\n${without('+')}`
  const at = found.indexOf(old)
  if (at === -1) throw new Error(`these lines stand not once in the file:${old}`)
  if (found.indexOf(old, at + 1) !== -1) throw new Error(`these lines stand more than once in the file:${old}`)
  return `${found.slice(0, at)}\n${without('-')}${found.slice(at + old.length)}`.slice(1)
}
