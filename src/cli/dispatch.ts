/**
 * From the words on the command line to one command. Whatever happens becomes an exit status and a text for people: a
 * command may throw, and nothing is thrown from here. Called by `main.ts`; the table of commands comes in, so that tests
 * bring their own.
 */
import { suggestion } from '../compile/near-miss.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { Command, ExitStatus } from './command.ts'
import { version } from './version.ts'

/** Where text goes: results on one stream, problems on the other. Each text is one or more whole lines. */
export interface Terminal {
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
}

/** Runs what `args`, the words after the program's name, ask for. */
export async function dispatch(
  args: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<ExitStatus> {
  const [word, ...rest] = args
  switch (word) {
    case undefined:
      terminal.complain(helpOf(commands))
      return 2
    case '--help':
    case '-h':
      terminal.print(helpOf(commands))
      return 0
    case '--version':
      terminal.print(version)
      return 0
  }
  const command = commands.find(({ name }) => name === word)
  if (command === undefined) {
    terminal.complain(`switchhook: ${unknownWord(word, commands)}; \`switchhook --help\` lists what there is`)
    return 2
  }
  try {
    const { run } = await command.load()
    return await run(rest, commands)
  } catch (thrown) {
    terminal.complain(reportOf(command.name, thrown))
    return statusOf(thrown)
  }
}

function unknownWord(word: string, commands: readonly Command[]): string {
  const isOption = word.startsWith('-')
  const known = isOption ? ['--help', '--version'] : commands.map(({ name }) => name)
  return `unknown ${isOption ? 'option' : 'command'} '${word}'${suggestion(word, known, (near) => near, '')}`
}

function helpOf(commands: readonly Command[]): string {
  const width = Math.max(0, ...commands.map(({ name }) => name.length))
  return [
    'Usage: switchhook COMMAND [ARGUMENTS]',
    '       switchhook COMMAND --help',
    '       switchhook --version | --help',
    '',
    'Sends the events of telephone calls to webhooks, and asks webhooks how live calls go on. `switchhook init` begins.',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
  ]
    .join('\n')
    .trimEnd()
}

/** People can act on our own errors by their message; of anything else the stack says where we are broken. */
function reportOf(commandName: string, thrown: unknown): string {
  if (thrown instanceof SwitchhookError && thrown.code !== 'internal') {
    return [`switchhook ${commandName}: ${thrown.message}`, ...thrown.issues.map((issue) => `  ${issue}`)].join('\n')
  }
  const trace = thrown instanceof Error ? thrown.stack : undefined
  return `switchhook ${commandName}: internal error: ${trace ?? messageOf(thrown)}`
}

function statusOf(thrown: unknown): ExitStatus {
  return thrown instanceof SwitchhookError && (thrown.code === 'usage' || thrown.code === 'config') ? 2 : 1
}
