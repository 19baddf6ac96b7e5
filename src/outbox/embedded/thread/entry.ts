/**
 * Where the store's thread begins: opens the store and answers requests until it is closed.
 * Started by `StoreThread`, which gives it its settings and posts envelopes.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../../errors.ts'
import { Disk } from '../files/disk.ts'
import type { Envelope, Message, StoreSettings } from '../protocol.ts'
import { Store } from './store.ts'

/** How often is told what is free on the disk: it fills whoever writes. */
const FREE_EVERY_MS = 2000

const port = parentPort
if (port !== null) {
  // Both ends of this port are ours: the host starts the thread with settings and posts envelopes.
  const settings = workerData as StoreSettings
  const send = (message: Message): void => port.postMessage(message)
  try {
    const store = new Store(settings, send)
    port.on('message', (envelope: Envelope) => store.handle(envelope))
    send({ kind: 'open', opened: store.opened() })
    const disk = new Disk(settings.path)
    const tellFree = (): void => send({ kind: 'free', bytes: disk.freeBytes() })
    tellFree()
    setInterval(tellFree, FREE_EVERY_MS).unref()
  } catch (error) {
    send({ kind: 'failed-to-open', reason: messageOf(error) })
  }
}
