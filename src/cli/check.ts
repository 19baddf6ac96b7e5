/**
 * `switchhook check`: reads a configuration as `serve` would, and tells every mistake and warning with its place.
 */
import { parseArgs } from 'node:util'
import { formatIssue } from '../config/issues.ts'
import { loadConfigFile } from '../config/load.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { RunCommand } from './command.ts'

const HELP = `Usage: switchhook check [FILE]

Checks a configuration, by default switchhook.yaml in this folder, and tells every mistake with its place.
Exit status 0: it can be used (there may be warnings); 2: it can't.

Example: switchhook check examples/switchhook.yaml`

/** Checks one file. */
export const run: RunCommand = async (args) => {
  const { file, isHelp } = readArguments(args)
  if (isHelp) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const loaded = await loadConfigFile(file, process.env)
  for (const warning of loaded.warnings) process.stderr.write(`warning: ${formatIssue(warning)}\n`)
  if (loaded.kind === 'refused') {
    for (const issue of loaded.issues) process.stderr.write(`${formatIssue(issue)}\n`)
    process.stderr.write(`${loaded.issues.length} ${loaded.issues.length === 1 ? 'mistake' : 'mistakes'}\n`)
    return 2
  }
  const { webhooks, templates, bindings } = loaded.config
  const counts = `${webhooks.length} webhooks, ${templates.length} templates, ${bindings.length} bindings`
  process.stdout.write(`${file} can be used: ${counts}\n`)
  return 0
}

function readArguments(args: readonly string[]): { readonly file: string; readonly isHelp: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new SwitchhookError('usage', 'check takes one file')
    return { file: positionals[0] ?? 'switchhook.yaml', isHelp: values.help === true }
  } catch (error) {
    throw new SwitchhookError('usage', `${messageOf(error)}; \`switchhook check --help\` tells more`, { cause: error })
  }
}
