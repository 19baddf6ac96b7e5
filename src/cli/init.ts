/**
 * `switchhook init`: writes a first configuration that works as it stands. It asks on a terminal what the options do not say, and
 * nowhere else; nothing is written before every answer is known to be good, and nothing is overwritten unless it is told to.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseConfig } from '../config/load.ts'
import { messageOf, SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { DEFAULT_PORT, type FirstAnswers, firstConfig, type NextCommand, nextCommands, shell } from './first-config.ts'
import { FIRST_WEBHOOKS } from './first-webhooks.ts'
import { print } from './output.ts'
import { openQuestions, type Questions } from './questions.ts'

/** Where `switchhook sink` listens by default, so that the first webhook has somewhere to go. */
const DEFAULT_URL = 'http://127.0.0.1:9099/calls'

const PROFILES: readonly string[] = [...FIRST_WEBHOOKS.keys()]

const TOKEN_FILE = 'switchhook.token'

/** Writes, and says what comes next. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'init',
    forms: [
      'init [FILE] [--profile PROFILE] [--url URL] [--account ACCOUNT] [--port PORT]\n[--token] [--yes] [--force]',
    ],
    about:
      'Writes a first configuration with one webhook, by default switchhook.yaml in this folder, and says which commands come\n' +
      'next. On a terminal it asks what the options do not say.\n\n' +
      [...FIRST_WEBHOOKS].map(([id, { about }]) => `  ${id.padEnd(24)}  ${about}`).join('\n'),
    words: [{ name: 'FILE', isOptional: true, completes: 'file' }],
    options: {
      profile: {
        kind: 'choice',
        choices: PROFILES,
        value: 'PROFILE',
        help: 'what is sent, and when: one of those above',
      },
      url: {
        kind: 'text',
        value: 'URL',
        help: `of the customer's server; default ${DEFAULT_URL},\nwhere \`switchhook sink\` listens`,
      },
      account: { kind: 'text', value: 'ACCOUNT', help: 'whose webhook it is; default: default' },
      port: {
        kind: 'number',
        value: 'PORT',
        least: 1,
        most: 65_535,
        help: `where the engine listens; default ${DEFAULT_PORT}`,
      },
      token: { kind: 'flag', help: `make a token in ${TOKEN_FILE}, without which nobody may call the API` },
      yes: { kind: 'flag', help: 'ask nothing: what is not said is as the defaults are' },
      force: { kind: 'flag', help: 'overwrite FILE' },
    },
    notes: '',
    example: 'init --yes --profile autoid --url https://crm.example.com/leads',
  },
  async ({ words: [file = 'switchhook.yaml'], options }) => {
    if (!options.force && existsSync(file)) {
      throw new SwitchhookError(
        'usage',
        `${file} is there already: --force overwrites it, another FILE leaves it alone`,
      )
    }
    const { answers, isTokenWanted } = await answersOf(options)
    checkAnswers({ ...answers, tokenFile: undefined })
    const tokenPath = join(dirname(file), TOKEN_FILE)
    const isTokenNew = isTokenWanted && !existsSync(tokenPath)
    if (isTokenNew) await write(tokenPath, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    const complete = { ...answers, tokenFile: isTokenWanted ? `./${TOKEN_FILE}` : undefined }
    await write(file, firstConfig(complete, schemaFrom(file)), { flag: options.force ? 'w' : 'wx' })
    print(told(complete, file, isTokenNew ? tokenPath : undefined))
    return 0
  },
)

interface Choices {
  readonly profile: string | undefined
  readonly url: string | undefined
  readonly account: string | undefined
  readonly port: number | undefined
  readonly token: boolean
  readonly yes: boolean
}

type Answers = Omit<FirstAnswers, 'tokenFile'>

/** What the options say, and for the rest what somebody answers, or the defaults. */
async function answersOf(choices: Choices): Promise<{ readonly answers: Answers; readonly isTokenWanted: boolean }> {
  const { profile, url, account = 'default', port = DEFAULT_PORT, token, yes } = choices
  const isAsked = !yes && process.stdin.isTTY && process.stdout.isTTY
  if (!isAsked) {
    if (!yes && (profile === undefined || url === undefined)) {
      const missing = profile === undefined ? '--profile PROFILE' : '--url URL'
      throw new SwitchhookError('usage', `nobody can be asked here: ${missing} is missing, or --yes for the defaults`)
    }
    const [first = 'custom'] = PROFILES
    return { answers: { profile: profile ?? first, url: url ?? DEFAULT_URL, account, port }, isTokenWanted: token }
  }
  const questions = openQuestions()
  try {
    return await asked(questions, choices)
  } finally {
    questions.close()
  }
}

async function asked(
  questions: Questions,
  { profile, url, account, port, token }: Choices,
): Promise<{ readonly answers: Answers; readonly isTokenWanted: boolean }> {
  const offered = [...FIRST_WEBHOOKS].map(([id, { about }]) => ({ id, about }))
  return {
    answers: {
      profile: profile ?? (await questions.choose('What is sent, and when?', offered)),
      url: url ?? (await questions.ask('Where is it sent?', DEFAULT_URL, urlMistake)),
      account: account ?? (await questions.ask('Whose account is it?', 'default', accountMistake)),
      port:
        port ??
        Number(await questions.ask('Which port shall the engine listen at?', String(DEFAULT_PORT), portMistake)),
    },
    isTokenWanted: token || (await questions.confirm('Shall callers of the API need a token?')),
  }
}

function urlMistake(text: string): string | undefined {
  const isUrl = /^https?:\/\//i.test(text) && URL.canParse(text)
  return isUrl ? undefined : 'a URL such as https://crm.example.com/leads is expected'
}

function accountMistake(text: string): string | undefined {
  return text.trim() === '' ? 'a name is expected' : undefined
}

function portMistake(text: string): string | undefined {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
    ? undefined
    : 'a whole number from 1 to 65535 is expected'
}

/** What is written has to pass `check`; an answer that keeps it from that is told by the option that it goes by. */
function checkAnswers(answers: FirstAnswers): void {
  const wrong = urlMistake(answers.url)
  if (wrong !== undefined) throw new SwitchhookError('usage', `--url ${JSON.stringify(answers.url)}: ${wrong}`)
  const loaded = parseConfig(firstConfig(answers, ''), '', {})
  if (loaded.kind === 'loaded') return
  const told = loaded.issues.map(
    ({ path, message }) => `${OPTION_OF.get(path.split('.').at(-1) ?? '') ?? path} ${message}`,
  )
  throw new SwitchhookError('usage', [...new Set(told)].join('; '))
}

const OPTION_OF: ReadonlyMap<string, string> = new Map([
  ['url', '--url'],
  ['account', '--account'],
])

async function write(
  file: string,
  text: string,
  options: { readonly flag: string; readonly mode?: number },
): Promise<void> {
  await writeFile(file, text, options).catch((error: unknown) => {
    throw new SwitchhookError('usage', `${file} can't be written: ${messageOf(error)}`, { cause: error })
  })
}

/**
 * Where the package has the JSON Schema of configurations: seen from a configuration of the project that the package is
 * installed in, so that it can be shared; elsewhere the whole path.
 */
function schemaFrom(file: string): string {
  const schema = fileURLToPath(new URL('../../schema/switchhook.schema.json', import.meta.url))
  const folder = resolve(dirname(file))
  const [project = '', inside] = schema.split(`${sep}node_modules${sep}`)
  const isOfProject = inside !== undefined && `${folder}${sep}`.startsWith(`${project}${sep}`)
  const path = isOfProject ? relative(folder, schema).replaceAll(sep, '/') : schema
  // In such a line a blank ends the path.
  if (/\s/.test(path)) return pathToFileURL(schema).href
  return isOfProject && !path.startsWith('../') ? `./${path}` : path
}

function told(answers: FirstAnswers, file: string, tokenPath: string | undefined): string {
  const program = process.env['npm_command'] === 'exec' ? 'npx switchhook' : 'switchhook'
  const commands = nextCommands(answers, file)
  const token =
    answers.tokenFile === undefined
      ? []
      : [`  export SWITCHHOOK_TOKEN="$(cat ${shell(join(dirname(file), TOKEN_FILE))})"  # in each terminal`]
  const width = Math.max(...commands.map(({ words }) => words.length))
  const line = ({ words, why }: NextCommand): string => `  ${program} ${words.padEnd(width)}  # ${why}`
  return [
    `${file} was written${tokenPath === undefined ? '' : `, and a token into ${tokenPath}`}. What comes next:`,
    '',
    ...token,
    ...commands.map(line),
  ].join('\n')
}
