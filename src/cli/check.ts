/**
 * `switchhook check`: reads a configuration as `serve` would, and tells every mistake and warning with its place: for people, as
 * JSON, or as annotations of a change on GitHub.
 */
import type { ConfigIssue } from '../config/issues.ts'
import { formatIssue } from '../config/issues.ts'
import { type LoadResult, loadConfigFile } from '../config/load.ts'
import { maskUrls } from '../logging/mask.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { complain, counted, print, printJson } from './output.ts'
import { issueLines } from './quoted.ts'

/** Checks one file. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'check',
    forms: ['check [FILE] [--format text|json|github]'],
    about:
      'Checks a configuration, by default switchhook.yaml in this folder, and tells every mistake with its place and line,\n' +
      'and as warnings what is probably not meant: http: URLs, webhooks that no event can trigger, data points of the end\n' +
      'of a call in what is sent at its beginning.\n' +
      "Exit status 0: it can be used (there may be warnings); 2: it can't.",
    words: [{ name: 'FILE', isOptional: true, completes: 'file' }],
    options: {
      format: {
        kind: 'choice',
        choices: ['text', 'json', 'github'],
        help: 'text for people; json: one object on the standard output;\ngithub: workflow commands that mark the lines of a change',
      },
    },
    notes: '',
    example: 'check examples/switchhook.yaml',
  },
  async ({ words: [file = 'switchhook.yaml'], options }) => {
    const loaded = await loadConfigFile(file, process.env)
    switch (options.format) {
      case 'json':
        printJson(reportOf(file, loaded))
        break
      case 'github':
        for (const warning of loaded.warnings) print(annotation('warning', warning))
        for (const issue of mistakesOf(loaded)) print(annotation('error', issue))
        break
      case 'text':
      case undefined:
        await tell(file, loaded)
    }
    return loaded.kind === 'loaded' ? 0 : 2
  },
)

async function tell(file: string, loaded: LoadResult): Promise<void> {
  for (const warning of loaded.warnings) complain(`warning: ${formatIssue(warning)}`)
  if (loaded.kind === 'refused') {
    for (const line of await issueLines(file, loaded.issues)) complain(line)
    complain(counted(loaded.issues.length, 'mistake'))
    return
  }
  const { webhooks, templates, bindings } = loaded.config
  const counts = [
    counted(webhooks.length, 'webhook'),
    counted(templates.length, 'template'),
    counted(bindings.length, 'binding'),
  ]
  print(`${file} can be used: ${counts.join(', ')}`)
}

function reportOf(file: string, loaded: LoadResult): object {
  const masked = ({ quote: _, ...issue }: ConfigIssue): ConfigIssue => ({ ...issue, message: maskUrls(issue.message) })
  return {
    file,
    usable: loaded.kind === 'loaded',
    mistakes: mistakesOf(loaded).map(masked),
    warnings: loaded.warnings.map(masked),
  }
}

function mistakesOf(loaded: LoadResult): readonly ConfigIssue[] {
  return loaded.kind === 'refused' ? loaded.issues : []
}

/** A workflow command of GitHub Actions: its values can hold anything but `%`, line ends, and in properties `:` and `,`. */
function annotation(kind: 'error' | 'warning', { file, line, column, path, message }: ConfigIssue): string {
  const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const text = `${path === '' ? '' : `${path}: `}${maskUrls(message)}`
  return `::${kind} file=${property(file)},line=${line},col=${column}::${data(text)}`
}
