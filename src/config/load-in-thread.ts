/**
 * Loads a configuration beside a running engine: reading and checking thousands of webhooks takes seconds, which live calls
 * would have to wait for, so it happens in a thread of its own. Invariant: the main thread takes the result over in pieces,
 * each in a turn of the loop of its own. Called for reloads; a start has nobody who waits, and loads directly.
 */
import { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import type { EngineConfig } from './engine-config.ts'
import { fileState } from './file-state.ts'
import type { LoadResult } from './load.ts'
import type { LoadedOutline, LoadMessage, LoadRequest, LongList } from './load-protocol.ts'
import type { Environment } from './secrets.ts'
import { secretsOfEngine, secretsOfWebhooks } from './secrets-of.ts'

const ENTRY_FILE = new URL(import.meta.url.endsWith('.ts') ? './load-entry.ts' : './load-entry.js', import.meta.url)

/** Longest that a load may take, in milliseconds: 20,000 webhooks take some 5 s, and the machine may be busy. */
const LOAD_LIMIT_MS = 120_000

/** What a load in a thread can be told. */
export interface LoadOptions {
  /** Gets every secret before the result is there, as `secretsOf` has them, in parts that hold nobody. */
  readonly onSecrets?: (secrets: readonly string[]) => void
  /** Default 120,000. */
  readonly limitMs?: number
}

/**
 * Does what `loadConfigFile` does. A thread that breaks, or does not end in time (a secret's file can be a pipe, or on a server
 * that is gone), is a mistake of the configuration: whatever breaks it is in there.
 */
export async function loadConfigInThread(
  path: string,
  environment: Environment,
  { onSecrets = () => undefined, limitMs = LOAD_LIMIT_MS }: LoadOptions = {},
): Promise<LoadResult> {
  const before = await fileState(path)
  const request: LoadRequest = { path, environment: { ...environment } }
  const thread = new Worker(ENTRY_FILE, { workerData: request, name: 'switchhook-load' })
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>()
  const gathered = {
    ...{ templates: [], webhooks: [], bindings: [] },
    ...{ templateTexts: [], webhookTexts: [], bindingTexts: [] },
  } satisfies Gathered
  let outline: LoadedOutline | undefined
  thread.on('message', (message: LoadMessage) => {
    if (message.kind === 'head') {
      if (message.head.kind === 'refused') {
        resolve(message.head)
        return
      }
      outline = message.head
      onSecrets(secretsOfEngine(outline.config))
    } else {
      append(gathered, message.lists)
      onSecrets(secretsOfWebhooks(message.lists.webhooks ?? []))
      if (message.isLast && outline !== undefined) {
        resolve({ ...outline, config: { ...outline.config, ...gathered } })
        return
      }
    }
    // In the next turn: a port that always has a message would keep the loop from everything else.
    setImmediate(() => thread.postMessage(undefined))
  })
  thread.once('error', reject)
  thread.once('exit', (code) => reject(new Error(`its reader ended with ${code}`)))
  const limit = setTimeout(() => reject(new Error(`its reader did not end within ${limitMs / 1000} s`)), limitMs)
  try {
    return await promise
  } catch (thrown) {
    const message = `can't be read: ${messageOf(thrown)}`
    const issue = { file: path, line: 1, column: 1, path: '', message }
    return { kind: 'refused', issues: [issue], warnings: [], files: [before] }
  } finally {
    clearTimeout(limit)
    // Not waited for: a thread that the system holds in a file does not end.
    thread.unref()
    void thread.terminate()
  }
}

type Gathered = { -readonly [name in LongList]: EngineConfig[name][number][] }

function append(gathered: Gathered, lists: Partial<Pick<EngineConfig, LongList>>): void {
  gathered.templates.push(...(lists.templates ?? []))
  gathered.webhooks.push(...(lists.webhooks ?? []))
  gathered.bindings.push(...(lists.bindings ?? []))
  gathered.templateTexts.push(...(lists.templateTexts ?? []))
  gathered.webhookTexts.push(...(lists.webhookTexts ?? []))
  gathered.bindingTexts.push(...(lists.bindingTexts ?? []))
}
