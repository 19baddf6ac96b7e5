/**
 * A strict reader of the Prometheus text format 0.0.4 for tests: it refuses what a Prometheus server would refuse or drop
 * (a sample outside its family, a series twice, a bad escape), so that a scrape that it reads is a scrape that works.
 */

/** One family with its samples in order. */
export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** One sample. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Endings that a family's samples may have beside its own name. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
  counter: [''],
  gauge: [''],
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/s
const LABEL = /(?<name>[a-zA-Z_]\w*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy

/** The families of a scrape by name; throws where the text is wrong. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family & { readonly samples: Sample[] }>()
  const seen = new Set<string>()
  let help: readonly [name: string, text: string] = ['', '']
  let current: (Family & { readonly samples: Sample[] }) | undefined
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      help = [name, rest]
    } else if (kind === 'TYPE') {
      if (help[0] !== name || families.has(name)) throw new Error(`family out of order: ${line}`)
      current = { name, type: rest, help: help[1], samples: [] }
      families.set(name, current)
    } else {
      const sample = readSample(line)
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      if (seen.has(key)) throw new Error(`series twice: ${line}`)
      seen.add(key)
      const endings = ENDINGS[current?.type ?? ''] ?? []
      if (!endings.some((ending) => sample.name === `${current?.name}${ending}`)) {
        throw new Error(`sample outside its family: ${line}`)
      }
      current?.samples.push(sample)
    }
  }
  return families
}

/** The value of one series; `undefined` where the scrape does not have it. */
export function valueIn(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  return family?.samples.find(
    (sample) =>
      sample.name === name &&
      Object.keys(sample.labels).length === Object.keys(labels).length &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value
}

function readSample(line: string): Sample {
  const parts = SAMPLE.exec(line)?.groups
  if (parts === undefined) throw new Error(`no sample: ${line}`)
  const { name = '', labels = '', value = '' } = parts
  return { name, labels: readLabels(labels), value: readValue(value) }
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let readTo = 0
  for (const match of text.matchAll(LABEL)) {
    const { name = '', value = '' } = match.groups ?? {}
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    readTo = match.index + match[0].length
  }
  if (readTo !== text.length) throw new Error(`labels can't be read: ${text}`)
  return labels
}

function readValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  const value = Number(text)
  // prom-client writes `Nan` for a lag not yet measured; a server reads it whatever the case.
  if (Number.isNaN(value) && text.toLowerCase() !== 'nan') throw new Error(`no value: ${text}`)
  return value
}
