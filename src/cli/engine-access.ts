/**
 * How commands reach an engine, here or elsewhere: the options that say where it listens, the token of the environment, and
 * what went wrong in words for people. Used by every command that asks the API.
 */
import { DEFAULT_URL, ProblemError, RequestError, SwitchhookClient, UnreachableError } from '../client/client.ts'
import { loadConfigFile } from '../config/load.ts'
import { SwitchhookError } from '../errors.ts'
import { maskUrls } from '../logging/mask.ts'
import { issueLines, quoted } from './quoted.ts'
import type { Options } from './usage.ts'

/** The options of every command that asks an engine. */
export const ENGINE_OPTIONS: {
  readonly url: { readonly kind: 'text'; readonly value: string; readonly help: string }
  readonly config: {
    readonly kind: 'text'
    readonly value: string
    readonly help: string
    readonly completes: 'file'
  }
} = {
  url: {
    kind: 'text',
    value: 'URL',
    help: `where the engine listens; default the environment's SWITCHHOOK_URL, else ${DEFAULT_URL}`,
  },
  config: {
    kind: 'text',
    value: 'FILE',
    help: 'where the engine listens stands in this configuration',
    completes: 'file',
  },
} satisfies Options

/** The options above as they were read. */
export interface EngineAddress {
  readonly url: string | undefined
  /** File of a configuration. */
  readonly config: string | undefined
}

/** The line of a help about the token; `right` as the contract names it. */
export function tokenNote(right: string): string {
  return `The environment's SWITCHHOOK_TOKEN is a token with the right ${right}.`
}

/** What more can be told where an engine refuses, or does not answer. */
export interface EngineHints {
  /** What else can be done where nobody answers. */
  readonly hint?: string
  /** The text that was sent under a path, so that the line of a mistake in it can be shown. */
  readonly textAt?: (path: string) => string | undefined
  /** How long an answer may take in milliseconds; default: as the client has it. */
  readonly timeoutMs?: number
}

/**
 * Works with an engine, which listens at `url`; what it refuses, or that nobody answers, is thrown as `unavailable`, and what
 * it can't be asked for as `usage`.
 */
export async function withEngine<Result>(
  address: EngineAddress,
  work: (client: SwitchhookClient, url: string) => Promise<Result>,
  { hint = '', textAt, ...limits }: EngineHints = {},
): Promise<Result> {
  const url = await urlOf(address)
  try {
    return await work(new SwitchhookClient({ url, token: process.env['SWITCHHOOK_TOKEN'] ?? '', ...limits }), url)
  } catch (error) {
    if (error instanceof RequestError) throw new SwitchhookError('usage', error.message, { cause: error })
    if (error instanceof UnreachableError) {
      const way = hint === '' ? '' : `; ${hint}`
      throw new SwitchhookError('unavailable', `${error.message}${way}`, { cause: error })
    }
    if (!(error instanceof ProblemError)) throw error
    const { status, errors } = error.problem
    throw new SwitchhookError('unavailable', `${url} answered ${status}, ${error.message}`, {
      cause: error,
      issues: errors.flatMap(({ path, detail, line, column }) => {
        const text = line === undefined ? undefined : textAt?.(path)
        const told = `${path} ${detail}`
        return text === undefined ? [told] : [told, ...quoted(text, { line: line ?? 1, column: column ?? 1 })]
      }),
    })
  }
}

async function urlOf({ url, config }: EngineAddress): Promise<string> {
  if (config !== undefined && url !== undefined) {
    throw new SwitchhookError('usage', 'only one of --url and --config can be given')
  }
  if (config !== undefined) return await listenedAt(config)
  const given = url ?? (process.env['SWITCHHOOK_URL'] || DEFAULT_URL)
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given
  throw new SwitchhookError('usage', `${JSON.stringify(maskUrls(given))} is no URL such as ${DEFAULT_URL}`)
}

async function listenedAt(file: string): Promise<string> {
  const loaded = await loadConfigFile(file, process.env)
  if (loaded.kind === 'refused') {
    const issues = await issueLines(file, loaded.issues)
    throw new SwitchhookError('config', 'the configuration can not be used', { issues })
  }
  const { host, port, tls } = loaded.config.listen
  // Whoever listens at every address also does at the machine's own.
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `${tls === undefined ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
