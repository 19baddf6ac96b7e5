/** What PromQL names: metrics, the labels and values that their selectors ask for, labels that are grouped by. */

/** A metric with what is asked of its labels. */
export interface Selector {
  readonly metric: string
  /** Labels that stand in the selector, with the value where it is one exact value. */
  readonly labels: readonly { readonly name: string; readonly value?: string }[]
}

const SELECTOR =
  /(?<metric>(?:instance:)?(?:switchhook|process|nodejs)_\w+(?::\w+)?|\bup\b)(?:\{(?<matchers>[^}]*)\})?/g
const MATCHER = /(?<name>\w+)(?<operator>=~|!~|!=|=)"(?<value>[^"]*)"/g
const GROUPED = /\b(?:by|without|ignoring|on) \((?<names>[^)]*)\)/g

/** Every selector of an expression. */
export function selectorsOf(expr: string): readonly Selector[] {
  return [...expr.matchAll(SELECTOR)].map(({ groups }) => ({
    metric: groups?.['metric'] ?? '',
    labels: [...(groups?.['matchers'] ?? '').matchAll(MATCHER)].map(({ groups: matcher }) => {
      const name = matcher?.['name'] ?? ''
      return matcher?.['operator'] === '=' ? { name, value: matcher['value'] ?? '' } : { name }
    }),
  }))
}

/** Labels that an expression groups by, or leaves out. */
export function groupedBy(expr: string): readonly string[] {
  return [...expr.matchAll(GROUPED)].flatMap(({ groups }) => (groups?.['names'] ?? '').split(', '))
}
