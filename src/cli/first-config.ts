/**
 * The text of a first configuration, with remarks that say what each part is for, and the commands that come next. Pure: answers
 * in, text out. Called by `switchhook init`.
 */
import { isIP } from 'node:net'
import { SwitchhookError } from '../errors.ts'
import { FIRST_WEBHOOKS, type FirstWebhook } from './first-webhooks.ts'

/** What `init` was answered. */
export interface FirstAnswers {
  /** A key of {@link FIRST_WEBHOOKS}. */
  readonly profile: string
  /** Of the customer's server. */
  readonly url: string
  readonly account: string
  /** Where the engine listens on this machine. */
  readonly port: number
  /** File of a token, from the configuration's folder; undefined: there is none, and only this machine may call. */
  readonly tokenFile: string | undefined
}

/** Id of the webhook. */
const FIRST_ID = 'first'

/** The port that a configuration has where it names none. */
export const DEFAULT_PORT = 8080

/** The configuration; `schema` is where its JSON Schema lies, seen from it. */
export function firstConfig(answers: FirstAnswers, schema: string): string {
  const { account, port, profile, url } = answers
  const first = firstOf(profile)
  const own = account === 'default' ? [] : [`account: ${yaml(account)}`]
  const webhook = [`id: ${FIRST_ID}`, ...own, `profile: ${profile}`, `url: ${yaml(url)}`, ...first.keys]
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '',
    '# Switchhook: which events of telephone calls go to which web servers, and what they are sent. `switchhook check` tells',
    '# every mistake in here; an engine that runs reads this file again whenever it changes.',
    '',
    '# Where your switches reach the engine.',
    `listen: { host: 127.0.0.1, port: ${port} }`,
    '',
    ...authLines(answers),
    '# Events and deliveries are kept in this folder, so that nothing is lost over a restart.',
    'store: { engine: embedded, path: ./data }',
    '',
    ...networkLines(url),
    ...(first.templates === undefined ? [] : ['templates:', ...first.templates.map((line) => `  ${line}`), '']),
    'webhooks:',
    ...webhook.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
    ...bindingLines(first, own),
  ]
  return `${lines.join('\n')}\n`
}

function authLines({ tokenFile }: FirstAnswers): readonly string[] {
  if (tokenFile === undefined) {
    return [
      '# There are no tokens: only this machine may call the API. For others, write a token of your choice into a file:',
      '# auth:',
      '#   tokens:',
      '#     - { name: switch-1, secret: { file: ./switchhook.token }, may: [send, invoke, read, manage] }',
      '',
    ]
  }
  return [
    '# Who may call the API, and what for. The token stands in the file; whoever calls sends it as `Authorization: Bearer`.',
    'auth:',
    '  tokens:',
    `    - { name: switch-1, secret: { file: ${yaml(tokenFile)} }, may: [send, invoke, read, manage] }`,
    '',
  ]
}

/** Only public addresses are reached without it. */
function networkLines(url: string): readonly string[] {
  const range = privateRange(url)
  if (range === undefined) return []
  return [
    '# Only public addresses are reached, and these: a configuration must not make the engine call just anything inside.',
    `network: { allow: [${range}] }`,
    '',
  ]
}

/** The range that has to be allowed for an address that is not public; undefined where nothing has to be, or a name hides it. */
function privateRange(url: string): string | undefined {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || /^127\./.test(host)) return '127.0.0.0/8'
  if (isIP(host) === 6 && /^(?:::1$|f[cd])/.test(host)) return `"${host}/128"`
  const isPrivate = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host)
  return isIP(host) === 4 && isPrivate ? `${host}/32` : undefined
}

function bindingLines({ binding }: FirstWebhook, own: readonly string[]): readonly string[] {
  if (binding === undefined) return []
  return ['', `# ${binding.remark}`, 'bindings:', `  - { ${[...own, binding.keys].join(', ')} }`]
}

/** A command, and what it is for. */
export interface NextCommand {
  /** Without a program's name before it. */
  readonly words: string
  readonly why: string
}

/** What comes next, in order. `file` is the configuration as it was named. */
export function nextCommands(answers: FirstAnswers, file: string): readonly NextCommand[] {
  const { profile, account, port } = answers
  const { kind, answer } = firstOf(profile)
  const isUsual = file === 'switchhook.yaml'
  const engine = port === DEFAULT_PORT ? '' : ` --config ${shell(file)}`
  const target = kind === 'call.ivr' ? ` --webhook ${FIRST_ID}` : ''
  const whose = account === 'default' ? '' : ` --account ${shell(account)}`
  const sink = sinkPort(answers.url)
  const body = answer === undefined ? '' : ` --body ${shell(answer)}`
  const see = kind === 'call.ivr' ? `calls${whose}` : 'deliveries'
  return [
    { words: isUsual ? 'check' : `check ${shell(file)}`, why: 'is it right?' },
    { words: isUsual ? 'serve' : `serve --config ${shell(file)}`, why: 'the engine; leave it running' },
    ...(sink === undefined
      ? []
      : [{ words: `sink --port ${sink}${body}`, why: 'in another terminal: plays the server' }]),
    { words: `tail${engine}`, why: 'in another terminal: tells what happens' },
    { words: `trigger ${profile} ${kind}${target}${whose}${engine}`, why: 'plays an example call' },
    { words: `${see}${engine}`, why: 'what became of it' },
  ]
}

/** The port of a server on this machine that a receiver can play; undefined where the server is elsewhere. */
function sinkPort(url: string): number | undefined {
  const { protocol, hostname, port } = new URL(url)
  const isHere = hostname === 'localhost' || /^127\./.test(hostname)
  return isHere && protocol === 'http:' ? Number(port || 80) : undefined
}

function firstOf(profile: string): FirstWebhook {
  const first = FIRST_WEBHOOKS.get(profile)
  if (first === undefined) throw new SwitchhookError('internal', `no first webhook of the profile ${profile}`)
  return first
}

/** A text as a value of YAML: in quotes wherever it could be read as anything else. */
function yaml(text: string): string {
  return JSON.stringify(text)
}

/** A word for a shell. */
export function shell(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
