/**
 * Reads the words of a command line as its description says, in the same way for every command: what is unknown is a mistake
 * that names what was probably meant. Called by every command's file to make its {@link LoadedCommand}.
 */
import { parseArgs } from 'node:util'
import { nearMiss } from '../compile/near-miss.ts'
import { formatDuration, parseDuration } from '../config/units.ts'
import { SwitchhookError } from '../errors.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { helpOf } from './help.ts'
import { print } from './output.ts'
import type { CommandLine, Option, Options, Usage, Values } from './usage.ts'

/** Makes a command of its description and its work; `--help` is answered here. */
export function defineCommand<const All extends Options>(
  usage: Usage<All>,
  work: (line: CommandLine<All>, commands: Parameters<LoadedCommand['run']>[1]) => Promise<ExitStatus>,
): LoadedCommand {
  return {
    usage,
    run: async (args, commands) => {
      if (asksForHelp(usage, args)) {
        print(helpOf(usage))
        return 0
      }
      return await work(readCommandLine(usage, args), commands)
    },
  }
}

/** Whether `--help` or `-h` stands among the options, whatever else is wrong with them. */
function asksForHelp(usage: Usage<Options>, args: readonly string[]): boolean {
  return tokensOf(usage, args).some((token) => token.kind === 'option' && (token.name === 'help' || token.name === 'h'))
}

/** Reads a command line; throws `usage` with what is wrong and what would be right. */
export function readCommandLine<const All extends Options>(
  usage: Usage<All>,
  args: readonly string[],
): CommandLine<All> {
  const fail = (message: string): never => {
    throw new SwitchhookError('usage', `${message}; \`switchhook ${usage.name} --help\` tells more`)
  }
  const words: string[] = []
  const given = new Map<string, string[]>()
  for (const token of tokensOf(usage, args)) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const option = ownOption(usage.options, name)
    if (option === undefined || !rawName.startsWith('--')) return fail(unknownOption(rawName, usage.options))
    if (option.kind === 'flag') {
      if (value !== undefined) fail(`--${name} takes no value`)
    } else if (value === undefined || (inlineValue !== true && /^--?[a-z]/.test(value))) {
      fail(`--${name} needs a value`)
    }
    if (option.kind !== 'texts' && given.has(name)) fail(`--${name} is given twice`)
    given.set(name, [...(given.get(name) ?? []), value ?? ''])
  }
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(usage.options)) {
    values[name] = readValue(name, option, given.get(name) ?? [], fail)
  }
  const wrong = wrongWords(usage, words)
  if (wrong !== undefined) fail(wrong)
  // Each option stands in it with the value that its kind says, put there right above.
  return { words, options: values as Values<All> }
}

/** Words and options in their order; without the checks of `parseArgs`, whose messages do not say what would be right. */
function tokensOf({ options }: Usage<Options>, args: readonly string[]) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { kind }]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  return parseArgs({ args: [...args], options: config, strict: false, allowPositionals: true, tokens: true }).tokens
}

function ownOption(options: Options, name: string): Option | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined
}

function unknownOption(rawName: string, options: Options): string {
  const near = nearMiss(rawName.replace(/^-+/, ''), [...Object.keys(options), 'help'])
  return `unknown option ${rawName}${near === undefined ? '' : `: did you mean --${near}?`}`
}

function readValue(name: string, option: Option, given: readonly string[], fail: (message: string) => never): unknown {
  const [text] = given
  switch (option.kind) {
    case 'flag':
      return text !== undefined
    case 'texts':
      return given
    case 'text':
      return text
    case 'choice': {
      if (text === undefined || option.choices.includes(text)) return text
      return fail(`--${name} ${wrongChoice(text, option.choices)}`)
    }
    case 'number': {
      const { least, most } = option
      if (text === undefined) return undefined
      const number = Number(text)
      if (/^\d+$/.test(text) && number >= least && number <= most) return number
      return fail(`--${name} ${JSON.stringify(text)} is not a whole number from ${least} to ${most}`)
    }
    case 'duration': {
      if (text === undefined) return undefined
      const read = parseDuration(text)
      if (read.kind === 'refused') return fail(`--${name} ${read.message}`)
      if (read.value > option.mostMs) return fail(`--${name} ${text} is more than ${formatDuration(option.mostMs)}`)
      return read.value
    }
  }
}

function wrongWords({ words: known }: Usage<Options>, words: readonly string[]): string | undefined {
  const missing = known.find(({ isOptional }, index) => isOptional !== true && words[index] === undefined)
  if (missing !== undefined) {
    return `${missing.name} is missing${missing.choices === undefined ? '' : `, one of ${missing.choices.join(', ')}`}`
  }
  const extra = words[known.length]
  if (extra !== undefined) return `${JSON.stringify(extra)} is one word too many`
  for (const [index, { name, choices }] of known.entries()) {
    const word = words[index]
    if (word !== undefined && choices !== undefined && !choices.includes(word)) {
      return `${name} ${wrongChoice(word, choices)}`
    }
  }
  return undefined
}

/** `"deed" is not known: did you mean dead?` */
export function wrongChoice(given: string, choices: readonly string[]): string {
  const near = nearMiss(given, choices)
  const right = near === undefined ? `one of ${choices.join(', ')} is expected` : `did you mean ${near}?`
  return `${JSON.stringify(given)} is not known: ${right}`
}
