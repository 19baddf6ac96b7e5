/**
 * Reads metrics in the Prometheus text format (exposition format 0.0.4) into samples. Invariant: what is no sample - comments,
 * families, damaged lines - is passed over, so that a later engine's metrics can be read too. Used by the client.
 */

/** One series at one moment. */
export interface MetricSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Can be infinite or not a number, as the format allows. */
  readonly value: number
}

/** Name, labels with their braces, value; a time may stand behind. */
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? +(\S+)(?: +-?\d+)?$/

/** A label's value is quoted; in it a backslash stands before a backslash, a quote, and `n` for a line feed. */
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** All samples of a text, in its order. */
export function readMetrics(text: string): readonly MetricSample[] {
  const samples: MetricSample[] = []
  for (const line of text.split('\n')) {
    const [, name, labelText = '', valueText = ''] = line.startsWith('#') ? [] : (SAMPLE.exec(line) ?? [])
    const value = numberOf(valueText)
    if (name === undefined || value === undefined) continue
    const labels = Array.from(labelText.matchAll(LABEL), ([, label = '', quoted = '']) => [label, unescaped(quoted)])
    samples.push({ name, labels: Object.fromEntries(labels), value })
  }
  return samples
}

function numberOf(text: string): number | undefined {
  switch (text) {
    case '+Inf':
      return Number.POSITIVE_INFINITY
    case '-Inf':
      return Number.NEGATIVE_INFINITY
    case 'NaN':
      return Number.NaN
  }
  const value = Number(text)
  return text === '' || Number.isNaN(value) ? undefined : value
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}
