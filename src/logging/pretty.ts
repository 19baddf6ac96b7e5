/**
 * Lines of the log for people at a terminal: time of day, level, message, fields. Invariant: works on lines that are written
 * already, so that what is masked in JSON is masked here; text from elsewhere can not rule the terminal. Used by `serve`.
 */

/** A line, from its JSON; what is none is shown as it is. `paint` gives a text a style, or leaves it alone. */
export function prettyLine(line: string, paint: Paint): string {
  const entry = entryOf(line)
  if (entry === undefined) return `${shown(line.trimEnd())}\n`
  const { level, time, msg, ...fields } = entry
  const { name, style } = LEVELS.get(Number(level)) ?? { name: String(level), style: 'dim' as const }
  const stacks: string[] = []
  const words = Object.entries(fields).map(
    ([key, value]) => `${paint('dim', `${shown(key)}=`)}${fieldText(value, stacks)}`,
  )
  const head = [
    paint('dim', shown(String(time).slice(11, 23))),
    paint(style, shown(name).padEnd(5)),
    shown(String(msg)),
    ...words,
  ]
  return [head.join(' '), ...stacks.map((frame) => `    ${paint('dim', shown(frame))}`), ''].join('\n')
}

/** Names of `util.styleText`. */
export type PrettyStyle = 'dim' | 'cyan' | 'green' | 'yellow' | 'red'

/** See {@link prettyLine}. */
export type Paint = (style: PrettyStyle, text: string) => string

/** Pino's numbers. */
const LEVELS: ReadonlyMap<number, { readonly name: string; readonly style: PrettyStyle }> = new Map([
  [20, { name: 'DEBUG', style: 'cyan' }],
  [30, { name: 'INFO', style: 'green' }],
  [40, { name: 'WARN', style: 'yellow' }],
  [50, { name: 'ERROR', style: 'red' }],
])

/** Words that need no quotes to be told from what follows. */
const PLAIN = /^[^\s"=\\\p{Cc}]+$/u

/** A stack goes below the line, all else stands in it. */
function fieldText(value: unknown, stacks: string[]): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : shown(JSON.stringify(value))
  if (typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string') {
    const { stack, ...rest } = value
    stacks.push(
      ...stack
        .split('\n')
        .slice(1)
        .map((frame) => frame.trim()),
    )
    return shown(JSON.stringify(rest))
  }
  return shown(JSON.stringify(value))
}

function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? { ...entry } : undefined
  } catch {
    return undefined
  }
}

function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, '·')
}
