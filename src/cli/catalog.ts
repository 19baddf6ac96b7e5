/**
 * `switchhook catalog`: the data points that templates and parameters can use, the carrier's own among them.
 */
import type { CatalogPlatform, CatalogPoint } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand, wrongChoice } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { type Cell, complain, counted, cut, oneLine, paint, print, printJson, tableOf } from './output.ts'

/** Most characters of an example in the table. */
const EXAMPLE_LENGTH = 30

/** Lists. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'catalog',
    forms: ['catalog [PLATFORM] [--find TEXT] [--json] [--url URL | --config FILE]'],
    about:
      `Lists the data points that %tokens%, \${tokens} and parameters can use, with an example each: of one platform, or of all\n` +
      "where something is looked for; else the platforms themselves. The carrier's own are the platform own.",
    words: [{ name: 'PLATFORM', isOptional: true }],
    options: {
      find: { kind: 'text', value: 'TEXT', help: 'only those with TEXT in name or description' },
      json: { kind: 'flag', help: 'what the API answers, as one JSON object' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'catalog autoid --find phone',
  },
  async ({ words: [id], options: { find, json, ...address } }) => {
    const all = await withEngine(address, (client) => client.catalog())
    const known = all.map((platform) => platform.id)
    if (id !== undefined && !known.includes(id)) {
      throw new SwitchhookError('usage', `PLATFORM ${wrongChoice(id, known)}`)
    }
    const platforms = filtered(
      all.filter((platform) => id === undefined || platform.id === id),
      find,
    )
    if (json) printJson({ platforms })
    else if (platforms.length === 0) complain('there are no such data points')
    else print(id === undefined && find === undefined ? listText(platforms) : platforms.map(platformText).join('\n\n'))
    return 0
  },
)

/** Without what has nothing of it. */
function filtered(platforms: readonly CatalogPlatform[], find: string | undefined): readonly CatalogPlatform[] {
  if (find === undefined) return platforms
  const wanted = find.toLowerCase()
  const isWanted = ({ name, description }: CatalogPoint): boolean =>
    `${name}\n${description}`.toLowerCase().includes(wanted)
  return platforms
    .map((platform) => ({
      ...platform,
      categories: platform.categories
        .map(({ name, dataPoints }) => ({ name, dataPoints: dataPoints.filter(isWanted) }))
        .filter(({ dataPoints }) => dataPoints.length > 0),
    }))
    .filter(({ categories }) => categories.length > 0)
}

function listText(platforms: readonly CatalogPlatform[]): string {
  const headings = ['PLATFORM', 'DATA POINTS', 'WHAT IT IS'].map((text): Cell => ({ text, style: 'heading' }))
  const rows = platforms.map(({ id, title, categories }) => {
    const count = categories.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0)
    return [{ text: id }, { text: String(count) }, { text: title }]
  })
  return tableOf([headings, ...rows])
}

function platformText({ id, title, categories }: CatalogPlatform): string {
  const sections = categories.map(({ name, dataPoints }) => {
    const rows = dataPoints.map((point) => [
      { text: `  ${point.name}` },
      { text: exampleText(point), style: 'quiet' as const },
      { text: point.description, isWhole: true as const },
    ])
    return `${paint('heading', oneLine(name))}  ${counted(dataPoints.length, 'data point')}\n${tableOf(rows)}`
  })
  return [`${paint('heading', oneLine(id))}  ${oneLine(title)}`, ...sections].join('\n\n')
}

function exampleText({ example }: CatalogPoint): string {
  if (example === undefined) return ''
  const text = typeof example === 'string' ? example : JSON.stringify(example)
  return cut(text, EXAMPLE_LENGTH)
}
