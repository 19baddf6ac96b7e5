/**
 * Pieces of an answer as they may stand in a `detail`: one line, short, with quotes around, so that what a customer's server
 * wrote can be told from our own words. Used by every reader of answers.
 */

/** Most code points of an answer that a detail repeats. */
const EXCERPT_CODE_POINTS = 40

/** `text` in double quotes, on one line, cut with `…` after 40 code points. */
export function quoted(text: string): string {
  return `"${shortened(text).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')}"`
}

/** `text` as it is, cut with `…` after 40 code points; for names of XML, in which no white space stands. */
export function shortened(text: string): string {
  // Two units hold any code point: cutting first keeps the work small however long the text is.
  const points = [...text.slice(0, 2 * EXCERPT_CODE_POINTS + 2)]
  const shown =
    points.length > EXCERPT_CODE_POINTS ? `${points.slice(0, EXCERPT_CODE_POINTS).join('')}…` : points.join('')
  // JSON can write half a character.
  return shown.toWellFormed()
}
