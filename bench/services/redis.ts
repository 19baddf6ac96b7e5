/**
 * A Redis of the bench's own: on a free port, in a folder of the bench, every write synced to the disk before it is answered
 * (`appendfsync always`), since an event that is confirmed and lost is not delivered. Ends with the bench.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { freePort } from '../../scripts/free-port.ts'

/** Told where there is no Redis. */
const MISSING_REDIS =
  'redis-server is not on the path, and the services that are compared with keep their queues in it: ' +
  '`apt-get install -y --no-install-recommends redis-server` (Debian), `brew install redis` (macOS)'

/** Longest wait for it to listen. */
const START_LIMIT_MS = 10_000

/** See the head of this file; made by {@link startRedis}. */
export class Redis implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess

  constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Processor time that it and its threads have used, in microseconds. */
  async cpuUs(): Promise<number> {
    const info = await ask(this.port, 'INFO cpu')
    const seconds = ['used_cpu_sys', 'used_cpu_user'].map((name) => {
      const [, value] = new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info) ?? []
      return Number(value)
    })
    return seconds.reduce((sum, each) => sum + each, 0) * 1e6
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

/** Starts one; its files go into `folder`. Rejects with {@link MISSING_REDIS} where there is none. */
export async function startRedis(folder: string): Promise<Redis> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
  const child = spawn('redis-server', [...options, ...durable], { stdio: 'ignore' })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(MISSING_REDIS) : error),
    )
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  failed.catch(() => undefined)
  await Promise.race([listening(port), failed])
  return new Redis(child, port)
}

async function listening(port: number): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS
  for (;;) {
    const answer = await ask(port, 'PING').catch(() => '')
    if (answer.includes('PONG')) return
    if (performance.now() > endMs) throw new Error('redis-server did not come to listen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Sends one inline command and gives its answer, as Redis writes it. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.end(`${command}\r\nQUIT\r\n`)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
