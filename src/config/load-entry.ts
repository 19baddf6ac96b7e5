/**
 * Where the process begins that loads a configuration beside a running engine: reads, checks, and answers in pieces.
 * Started by `loadConfigBeside`, which asks for each piece and ends the process. Invariant: it does not outlive the engine, unless
 * the system holds it in the file of a secret.
 */
import process from 'node:process'
import { loadConfigFile } from './load.ts'
import { type LoadAnswer, type LoadRequest, outlineOf, piecesOf } from './load-protocol.ts'

// A terminal or service manager sends these to all processes and means the engine, which ends this one when it stops.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGUSR2'] as const) process.on(signal, () => undefined)

/** Nobody is there any more who asked. An exit would wait for a file that is being read, and it can be a pipe without an end. */
const end = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
process.once('disconnect', end)

process.once('message', async ({ path, environment }: LoadRequest) => {
  const answer = (said: LoadAnswer): void => {
    process.send?.(said, undefined, undefined, (failed) => {
      if (failed !== null) end()
    })
  }
  const result = await loadConfigFile(path, environment)
  if (result.kind === 'loaded') {
    const pieces = piecesOf(result.config)[Symbol.iterator]()
    process.on('message', () => {
      const { done, value } = pieces.next()
      answer(done === true ? { kind: 'end' } : { kind: 'piece', piece: value })
    })
  }
  answer({ kind: 'outline', outline: outlineOf(result) })
})
