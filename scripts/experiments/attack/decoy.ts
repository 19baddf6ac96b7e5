/**
 * Whom the attackers attack in the slices of comparison: a process that takes and sends what they make the engine take and send,
 * and does nothing with it. Its calls meet an engine that is left alone, on a machine that is as busy: what they are slower by is
 * the cores' part, which attackers, servers and callers with machines of their own would not take.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** See the head of this file; made by {@link openDecoy}. */
export class Decoy implements AsyncDisposable {
  readonly origin: string
  readonly #process: ChildProcess

  constructor(child: ChildProcess, port: number) {
    this.#process = child
    this.origin = `http://127.0.0.1:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#process.connected) return
    this.#process.disconnect()
    await once(this.#process, 'exit')
  }
}

/** Starts it. `hostilePort`: where the hostile servers listen. */
export async function openDecoy(hostilePort: number): Promise<Decoy> {
  const child = fork(new URL('./decoy-process.ts', import.meta.url), [String(hostilePort)])
  // What breaks there breaks the experiment.
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`the process that is attacked beside the engine ended with status ${code}`)
  })
  const [port] = await once(child, 'message')
  return new Decoy(child, Number(port))
}
