/**
 * Puts a report into a page that people write: everything between two comments is replaced, nothing else is touched.
 */

/** What the comments are called in the page. */
const BEGIN = '<!-- bench: begin -->'
const END = '<!-- bench: end -->'

/** The page with `report` between its markers; throws where it has not both of them, once each and in order. */
export function withReport(page: string, report: string): string {
  const [before, rest, ...moreBegins] = page.split(BEGIN)
  const [, after, ...moreEnds] = (rest ?? '').split(END)
  if (before === undefined || after === undefined || moreBegins.length > 0 || moreEnds.length > 0) {
    throw new Error(`the page must have one line ${BEGIN} and after it one line ${END}`)
  }
  return `${before}${BEGIN}\n\n${report}\n\n${END}${after}`
}
