/**
 * `switchhook completion`: prints a script that teaches a shell to complete commands, options and what has few values. All of it
 * comes from the descriptions of the commands, but for the ids of webhooks: for those a script calls this command again,
 * which asks the engine.
 */
import type { SwitchhookClient } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { Command, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { withEngine } from './engine-access.ts'
import { print } from './output.ts'
import type { Completes, Option, Options, Usage } from './usage.ts'

/** A command as a shell sees it. */
interface Described {
  readonly summary: string
  readonly usage: Usage<Options>
}

/** Ids that a shell is given: a page of the API, and more than anybody looks through. */
const MOST_WEBHOOKS = 1000

/** What a shell calls for them; an engine that does not answer is no ground to write into somebody's line. */
const WEBHOOKS = 'switchhook completion webhooks 2> /dev/null'

const HELP: Option = { kind: 'flag', help: 'tells more' }

/** Prints a script. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'completion',
    forms: ['completion bash|zsh|fish', 'completion webhooks'],
    about:
      'Prints a script for your shell that completes commands and options. For every new shell:\n\n' +
      '  bash  echo \'eval "$(switchhook completion bash)"\' >> ~/.bashrc\n' +
      '  zsh   echo \'eval "$(switchhook completion zsh)"\' >> ~/.zshrc\n' +
      '  fish  switchhook completion fish > ~/.config/fish/completions/switchhook.fish\n\n' +
      'Ids of webhooks are completed where the environment says with SWITCHHOOK_URL and SWITCHHOOK_TOKEN which engine to ask;\n' +
      'with the word webhooks they are listed.',
    words: [{ name: 'the shell', choices: ['bash', 'zsh', 'fish', 'webhooks'] }],
    options: {},
    notes: '',
    example: 'completion bash',
  },
  async ({ words: [shell] }, commands) => {
    if (shell === 'webhooks') {
      await withEngine({ url: undefined, config: undefined }, listWebhooks)
      return 0
    }
    const described = await Promise.all(commands.map(describe))
    switch (shell) {
      case 'bash':
        print(bashScript(described))
        return 0
      case 'zsh':
        print(
          `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(described)}`,
        )
        return 0
      case 'fish':
        print(fishScript(described))
        return 0
    }
    throw new SwitchhookError('internal', `no script for ${shell}`)
  },
)

async function listWebhooks(client: SwitchhookClient): Promise<void> {
  const { entries } = await client.webhooks.page({}, MOST_WEBHOOKS)
  for (const { id } of entries) print(id)
}

async function describe({ summary, load }: Command): Promise<Described> {
  return { summary, usage: (await load()).usage }
}

/** Zsh runs it as well, by its own rendering of what bash has. */
function bashScript(described: readonly Described[]): string {
  const names = described.map(({ usage }) => usage.name)
  return `_switchhook() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" name="\${COMP_WORDS[1]}"
  local words='' files=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${names.join(' ')} --help --version'
  else
    case "$name $previous" in
${described.flatMap(({ usage }) => Object.entries(usage.options).flatMap(([name, option]) => valueCase(usage.name, name, option))).join('\n')}
      *)
        case "$name $current" in
${described.flatMap(({ usage }) => wordCases(usage)).join('\n')}
        esac ;;
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
  if [ -n "$files" ]; then
    local IFS=$'\\n'
    COMPREPLY+=( $(compgen "$files" -- "$current") )
    type compopt > /dev/null 2>&1 && compopt -o filenames 2> /dev/null
  fi
  return 0
}
complete -F _switchhook switchhook`
}

/** What follows an option: one of few values, a file, or something that no shell knows. */
function valueCase(command: string, name: string, option: Option): readonly string[] {
  const found = (then: string): readonly string[] => [`      '${command} --${name}') ${then} ;;`]
  switch (option.kind) {
    case 'flag':
      return []
    case 'choice':
      return found(`words='${option.choices.join(' ')}'`)
    case 'text':
      return found(option.completes === undefined ? ':' : wordsOf(option.completes))
    case 'texts':
    case 'number':
    case 'duration':
      return found(':')
  }
}

function wordCases({ name, words, options }: Usage<Options>): readonly string[] {
  const listed = [...Object.keys(options), 'help'].map((option) => `--${option}`).join(' ')
  const choices = words.flatMap((word) => word.choices ?? [])
  const completed = new Set(words.flatMap(({ completes }) => completes ?? []))
  const found = [`words='${choices.join(' ')}'`, ...[...completed].map(wordsOf)]
  return [`          '${name} -'*) words='${listed}' ;;`, `          '${name} '*) ${found.join(' ')} ;;`]
}

/** What fills the variables that the completion is made of. */
function wordsOf(completes: Completes): string {
  switch (completes) {
    case 'file':
      return 'files=-f'
    case 'folder':
      return 'files=-d'
    case 'webhook':
      return `words="$(${WEBHOOKS})"`
  }
}

function fishScript(described: readonly Described[]): string {
  const lines = described.flatMap(({ summary, usage: { name, words, options } }) => {
    const under = `complete -c switchhook -n '__fish_seen_subcommand_from ${name}'`
    const choices = words.flatMap((word) => word.choices ?? [])
    return [
      `complete -c switchhook -n __fish_use_subcommand -a ${name} -d ${fishText(summary)}`,
      ...(choices.length === 0 ? [] : [`${under} -a ${fishText(choices.join(' '))}`]),
      ...(words.some(({ completes }) => completes === 'file' || completes === 'folder') ? [`${under} -F`] : []),
      ...(words.some(({ completes }) => completes === 'webhook') ? [`${under} -a ${fishText(`(${WEBHOOKS})`)}`] : []),
      ...Object.entries({ ...options, help: HELP }).map(([option, described]) => {
        const [help = ''] = described.help.split('\n')
        return `${under} -l ${option}${fishValue(described)} -d ${fishText(help)}`
      }),
    ]
  })
  return ['complete -c switchhook -f', ...lines].join('\n')
}

function fishValue(option: Option): string {
  if (option.kind === 'flag') return ''
  if (option.kind === 'choice') return ` -x -a ${fishText(option.choices.join(' '))}`
  if (option.kind !== 'text' || option.completes === undefined) return ' -x'
  return option.completes === 'webhook' ? ` -x -a ${fishText(`(${WEBHOOKS})`)}` : ' -r -F'
}

/** In single quotes fish knows only two escapes. */
function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
