/**
 * `switchhook extract`: the fields of a JSON or XML format by the paths that a template's `fields` take.
 */
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { type Cell, complain, print, printJson, tableOf } from './output.ts'
import { readTextFile } from './text-file.ts'

/** Lists the fields. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'extract',
    forms: ['extract FILE [--type json|xml] [--json] [--url URL | --config FILE]'],
    about:
      "Lists the fields of a customer's example in JSON or XML, - being the standard input, by the paths that a template's\n" +
      'fields: take, each with the data point of the token that stands there already.',
    words: [{ name: 'FILE', completes: 'file' }],
    options: {
      type: { kind: 'choice', choices: ['json', 'xml'], help: 'what it is; default: as it begins' },
      json: { kind: 'flag', help: 'the fields as one JSON object' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'extract lead.json',
  },
  async ({ words: [file = ''], options }) => {
    const format = await readTextFile(file)
    const type = options.type ?? (/^\s*\uFEFF?\s*</.test(format) ? 'xml' : 'json')
    const fields = await withEngine(options, (client) => client.extract(type, format), {
      textAt: (path) => (path === 'format' ? format : undefined),
    })
    if (options.json) printJson({ type, fields })
    else if (fields.length === 0) complain('it has no fields')
    else {
      const headings = ['FIELD', 'DATA POINT'].map((heading): Cell => ({ text: heading, style: 'heading' }))
      print(
        tableOf([
          headings,
          ...fields.map(({ path, token }) => [{ text: path, isWhole: true as const }, { text: token ?? '-' }]),
        ]),
      )
    }
    return 0
  },
)
