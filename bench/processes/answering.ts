/**
 * The other end of `program.ts`: a process answers the bench's commands, and ends when the bench does. Called once by the
 * file of each process.
 */
import process from 'node:process'
import type { Answer, Commands, LiveMemory, Question, Usage } from './commands.ts'

/** Answers `commands`, `usage` and `memory` until the bench is gone. */
export function answerCommands(commands: Commands): void {
  const known: ReadonlyMap<string, (input: never) => unknown> = new Map([
    ...Object.entries(commands),
    ['usage', usage],
    ['memory', memory],
  ])
  const answer = async ({ number, command, input }: Question): Promise<Answer> => {
    try {
      const run = known.get(command)
      if (run === undefined) throw new Error(`there is no command '${command}'`)
      // The bench asks with the type that the command takes: both are compiled against the same interface.
      return { number, kind: 'done', output: await run(input as never) }
    } catch (thrown) {
      // The bench tells the message; where it came from is for whoever has to mend it.
      console.error(thrown)
      return { number, kind: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) }
    }
  }
  process.on('message', (question: Question) => {
    answer(question).then((said) => process.send?.(said))
  })
  process.on('disconnect', () => process.exit())
}

function usage(): Usage {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return {
    cpuUs: userCPUTime + systemCPUTime,
    residentBytes: process.memoryUsage.rss(),
    handles: process.getActiveResourcesInfo().length,
  }
}

function memory(): LiveMemory {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('memory can only be told with --expose-gc')
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return { bytes: heapUsed + external }
}
