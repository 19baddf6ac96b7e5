/**
 * The help of a command, made of its description: forms, what it does, options, notes, an example.
 * Printed for `--help`; every command's help looks the same.
 */
import type { Option, Options, Usage } from './usage.ts'

/** Column at which an option's help begins; longer names have it on the next line. */
const HELP_COLUMN = 22

/** The help of one command, without a final line feed. */
export function helpOf({ name, forms, about, options, notes, example }: Usage<Options>): string {
  const indent = ' '.repeat(`Usage: switchhook ${name} `.length)
  const usage = forms
    .map((form, index) => `${index === 0 ? 'Usage:' : '      '} switchhook ${form.replaceAll('\n', `\n${indent}`)}`)
    .join('\n')
  const listed = Object.entries(options).map(([name, option]) => optionHelp(name, option))
  const parts = [usage, about, listed.join('\n'), notes, `Example: switchhook ${example}`]
  return parts.filter((part) => part !== '').join('\n\n')
}

function optionHelp(name: string, option: Option): string {
  const left = `  --${name}${valueName(option)}`
  const [first = '', ...rest] = option.help.split('\n')
  const indent = ' '.repeat(HELP_COLUMN)
  const head = left.length + 2 > HELP_COLUMN ? `${left}\n${indent}${first}` : `${left.padEnd(HELP_COLUMN)}${first}`
  return [head, ...rest.map((line) => `${indent}${line}`)].join('\n')
}

function valueName(option: Option): string {
  switch (option.kind) {
    case 'flag':
      return ''
    case 'choice':
      return ` ${option.value ?? option.choices.join('|')}`
    case 'text':
    case 'texts':
    case 'number':
    case 'duration':
      return ` ${option.value}`
  }
}
