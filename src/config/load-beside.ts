/**
 * Loads a configuration beside a running engine: reading and checking thousands of webhooks takes seconds and a gigabyte, so it
 * happens in a process of its own. Of a thread, V8 would keep the memory and give it back on the main thread, 100 ms long.
 * Invariant: the main thread takes the result over in pieces, each in a turn of the loop of its own. Called for reloads; a start
 * has nobody who waits, and loads directly.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { messageOf } from '../errors.ts'
import type { LoadResult } from './load.ts'
import type { LoadAnswer, LoadOutline, LoadRequest, LongLists, Piece } from './load-protocol.ts'
import type { Environment } from './secrets.ts'
import { secretsOfEngine, secretsOfWebhooks } from './secrets-of.ts'
import { SharedParts } from './shared-parts.ts'

const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './load-entry.ts' : './load-entry.js', import.meta.url)

/** One thread collects what it leaves behind: several would keep the engine from every processor at once. */
const NODE_OPTIONS = ['--single-threaded-gc', '--disable-warning=ExperimentalWarning']

/** Longest that a load may take, in milliseconds: 20,000 webhooks take some 5 s, and the machine may be busy. */
const LOAD_LIMIT_MS = 120_000

/** Between two pieces, in milliseconds: others have their turns, and the collector keeps up without stopping them for long. */
const PAUSE_MS = 1

/** What a load beside the engine can be told. */
export interface LoadOptions {
  /** Gets every secret before the result is there, as `secretsOf` has them, in parts that hold nobody. */
  readonly onSecrets?: (secrets: readonly string[]) => void
  /** Default 120,000. */
  readonly limitMs?: number
}

/**
 * Does what `loadConfigFile` does, but that it tells a thousand mistakes and a thousand warnings at most. A process that can't be
 * started, breaks, or does not end in time (a secret's file can be a pipe, or on a server that is gone), is a mistake of the
 * configuration: mostly, whatever breaks it is in there. Which files it has read nobody knows then: the result has none.
 */
export async function loadConfigBeside(
  path: string,
  environment: Environment,
  { onSecrets = () => undefined, limitMs = LOAD_LIMIT_MS }: LoadOptions = {},
): Promise<LoadResult> {
  try {
    return await readBeside({ path, environment: { ...environment } }, onSecrets, limitMs)
  } catch (thrown) {
    const message = `can't be read: ${messageOf(thrown)}`
    const issue = { file: path, line: 1, column: 1, path: '', message }
    return { kind: 'refused', issues: [issue], warnings: [], files: [] }
  }
}

/** Rejects where the process can't be started, breaks, or does not end in time. */
async function readBeside(
  request: LoadRequest,
  onSecrets: NonNullable<LoadOptions['onSecrets']>,
  limitMs: number,
): Promise<LoadResult> {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
  const reader = fork(ENTRY_FILE, { execArgv: NODE_OPTIONS, serialization: 'advanced', stdio: [...stdio] })
  let limit: NodeJS.Timeout | undefined
  try {
    return await new Promise<LoadResult>((resolve, reject) => {
      reader.on('error', reject)
      reader.once('exit', (code, signal) => reject(new Error(`its reader ended with ${code ?? signal}`)))
      limit = setTimeout(() => reject(new Error(`its reader did not end within ${limitMs / 1000} s`)), limitMs)
      takeOver(reader, onSecrets, resolve)
      ask(reader, request)
    })
  } finally {
    clearTimeout(limit)
    // Not waited for: a process that the system holds in a file does not end.
    reader.kill('SIGKILL')
    reader.unref()
    reader.channel?.unref()
  }
}

/**
 * Fails by the reader's event `error` alone. One that could not be started, because no file descriptor was left, tells so by that
 * event as well, and has nothing to send with.
 */
function ask(reader: ChildProcess, message: LoadRequest | 'next'): void {
  reader.send?.(message)
}

/** Asks for piece after piece until the result is whole. */
function takeOver(
  reader: ChildProcess,
  onSecrets: NonNullable<LoadOptions['onSecrets']>,
  onResult: (result: LoadResult) => void,
): void {
  const gathered = new GatheredLists()
  let outline: LoadOutline | undefined
  reader.on('message', (answer: LoadAnswer) => {
    if (answer.kind === 'outline') {
      outline = answer.outline
      if (outline.kind === 'loaded') onSecrets(secretsOfEngine(outline.config))
    }
    if (answer.kind === 'piece') onSecrets(gathered.add(answer.piece))
    if (outline?.kind === 'refused') onResult(outline)
    else if (outline !== undefined && answer.kind === 'end') {
      onResult({ ...outline, config: { ...outline.config, ...gathered.lists } })
    } else setTimeout(() => ask(reader, 'next'), PAUSE_MS)
  })
}

/** The long lists as they come. */
class GatheredLists {
  readonly lists: { -readonly [name in keyof LongLists]: LongLists[name][number][] } = {
    ...{ templates: [], webhooks: [], bindings: [] },
    ...{ templateTexts: [], webhookTexts: [], bindingTexts: [] },
  }
  readonly #parts = new SharedParts()

  /** Gives the secrets in it. */
  add(piece: Piece): readonly string[] {
    const { templates, webhooks, bindings } = this.lists
    switch (piece.kind) {
      case 'texts':
        this.lists[piece.list].push(...piece.lines.split('\n'))
        return []
      case 'items':
        templates.push(...piece.templates)
        webhooks.push(...piece.webhooks.map((webhook) => this.#parts.of(webhook)))
        bindings.push(...piece.bindings)
        return secretsOfWebhooks(piece.webhooks)
    }
  }
}
