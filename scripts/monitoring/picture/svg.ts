/**
 * A small writer of SVG: elements as text, everything that comes from outside escaped, places rounded to a tenth. Pure. Used by the
 * drawing of the dashboard.
 */

/** Attributes by name; numbers are rounded. */
export type Attributes = Readonly<Record<string, string | number>>

/** A place on the page; numbers are pixels, from its upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** An element with what is in it, which is SVG already. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(attributeText(value))}"`)
  if (content.length === 0) return `<${name}${written.join('')}/>`
  return `<${name}${written.join('')}>${content.join('')}</${name}>`
}

/** Text at a place; `classes` are those of the style sheet. */
export function text(x: number, y: number, classes: string, content: string): string {
  return element('text', { x, y, class: classes }, escaped(content))
}

/** A box. */
export function rectangle({ x, y, width, height }: Box, classes: string): string {
  return element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), class: classes })
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return element('line', { x1, y1, x2, y2, class: classes })
}

/** Text in which markup means nothing, and of which XML takes every character. */
export function escaped(content: string): string {
  return content
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A number with at most one digit behind the point. */
export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function attributeText(value: string | number): string {
  return typeof value === 'number' ? rounded(value) : value
}
