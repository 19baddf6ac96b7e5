/**
 * Where the thread begins that loads a configuration for a running engine: reads, checks, and posts it in pieces.
 * Started by `loadConfigInThread`, which asks for each piece and ends the thread.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineConfig } from './engine-config.ts'
import { loadConfigFile } from './load.ts'
import { LONG_LISTS, type LoadMessage, type LoadRequest, type LongList } from './load-protocol.ts'

/** Members of a list in one piece: about half a millisecond of the main thread to take over. */
const PIECE = 50

const port = parentPort
if (port !== null) {
  // Both ends of this port are ours: the host starts the thread with a request.
  const { path, environment } = workerData as LoadRequest
  const post = (message: LoadMessage): void => port.postMessage(message)
  const result = await loadConfigFile(path, environment)
  if (result.kind === 'refused') {
    post({ kind: 'head', head: result })
  } else {
    const { templates, webhooks, bindings, templateTexts, webhookTexts, bindingTexts, ...config } = result.config
    const pieces = piecesOf({ templates, webhooks, bindings, templateTexts, webhookTexts, bindingTexts })
    port.on('message', () => {
      const piece = pieces.next()
      post({ kind: 'piece', lists: piece.value ?? {}, isLast: piece.done === true })
    })
    post({ kind: 'head', head: { ...result, config } })
  }
}

function* piecesOf(lists: Pick<EngineConfig, LongList>): Generator<Partial<Pick<EngineConfig, LongList>>, undefined> {
  for (const name of LONG_LISTS) {
    for (let from = 0; from < lists[name].length; from += PIECE) yield { [name]: lists[name].slice(from, from + PIECE) }
  }
  return undefined
}
