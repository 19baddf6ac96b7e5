/**
 * The thread that decompresses: all that `Inflater` posts, several at once, each answered under its number. What breaks here ends
 * the thread, and with it the bodies that it has.
 */
import { parentPort } from 'node:worker_threads'
import { type InflateAnswer, type InflateRequest, inflateBody } from './inflate.ts'

const port = parentPort
port?.on('message', ({ number, bytes, coding, limitBytes }: InflateRequest) => {
  void inflateBody(bytes, coding, limitBytes).then((inflated) => {
    if (inflated.kind !== 'body') {
      port.postMessage({ number, inflated } satisfies InflateAnswer)
      return
    }
    // A copy of its own: what is handed over is no longer here, and a small body lies in a chunk many times its size.
    const bytes = new Uint8Array(inflated.bytes)
    port.postMessage({ number, inflated: { kind: 'body', bytes } } satisfies InflateAnswer, [bytes.buffer])
  })
})
