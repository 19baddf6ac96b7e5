/**
 * `switchhook export`: writes the configuration of a running engine, file and API together, as one file that `switchhook check`
 * takes once the variables are set that it names at its top.
 */
import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import type { ExportedConfig, Placeholder } from '../client/client.ts'
import { codeOf, messageOf, SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { complain, print } from './output.ts'

/** Asks the engine and writes. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'export',
    forms: ['export [FILE] [--force] [--url URL | --config FILE]'],
    about:
      'Writes the configuration that is in force, with all that was set over the API, as one file; by default to the\n' +
      'standard output. Secrets are not in it: its top names the variables that have to be set for it.',
    words: [{ name: 'FILE', isOptional: true, completes: 'file' }],
    options: { force: { kind: 'flag', help: 'write FILE also where there is one already' }, ...ENGINE_OPTIONS },
    notes: `${tokenNote('manage')} It must be for all accounts.`,
    example: 'export switchhook.exported.yaml',
  },
  async ({ words: [file], options }) => {
    const exported = await withEngine(options, (client) => client.export())
    const text = configText(exported)
    if (file === undefined) {
      print(text.trimEnd())
      return 0
    }
    await writeFile(file, text, { mode: 0o600, flag: options.force ? 'w' : 'wx' }).catch((error: unknown) => {
      const isThere = codeOf(error) === 'EEXIST'
      const message = isThere ? `${file} is there already: --force writes over it` : messageOf(error)
      throw new SwitchhookError('unavailable', message, { cause: error })
    })
    if (exported.placeholders.length > 0) complain(`${file} names at its top what has to be set before it can be used`)
    return 0
  },
)

/** The file: what has to be put in, and the configuration. */
export function configText({ config, placeholders, leftOut }: ExportedConfig): string {
  const lines = [
    'Exported by switchhook export. Relative paths count from the folder of this file.',
    ...(placeholders.length === 0 ? [] : ['', 'Secrets are not exported. Set these before it is used:']),
    ...placeholders.map(placeholderLine),
    ...(leftOut.length === 0
      ? []
      : ['', 'Left out, since the engine can not use them:', ...leftOut.map((each) => `  ${each}`)]),
  ]
  const head = lines.map((line) => (line === '' ? '#' : `# ${line.replaceAll(/[\r\n]/g, ' ')}`)).join('\n')
  return `${head}\n${stringify(config, { lineWidth: 0 })}`
}

function placeholderLine({ variable, at, note }: Placeholder): string {
  const what = note === undefined ? at : `${at}: ${note}`
  return variable === undefined ? `  in the file itself, for ${what}` : `  ${variable}  ${what}`
}
