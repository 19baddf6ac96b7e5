/**
 * On what a report was made: machine, Node.js, commit, time. Without it figures mean nothing to whoever reads them later.
 */
import { execFile } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import process from 'node:process'
import { promisify } from 'node:util'

/** See the head of this file. */
export interface RunInfo {
  /** ISO 8601. */
  readonly at: string
  /** Processors, memory, system. */
  readonly machine: string
  /** Name of the processors. */
  readonly processor: string
  readonly node: string
  /** Abbreviated, with a plus sign where files have changed since; `unknown` outside of a checkout. */
  readonly commit: string
}

/** Of this run. */
export async function runInfo(): Promise<RunInfo> {
  const processors = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const processor = processors[0]?.model.trim() ?? 'unknown processor'
  return {
    at: new Date().toISOString(),
    machine: `${processors.length} × ${processor}, ${gibibytes} GiB, ${process.platform}`,
    processor,
    node: process.version,
    commit: await commitOf(),
  }
}

/** One line of it. */
export function runInfoText({ at, machine, node, commit }: RunInfo): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC, ${machine}, Node.js ${node}, commit ${commit}`
}

async function commitOf(): Promise<string> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', [...args], { cwd: import.meta.dirname })
    return stdout.trim()
  }
  try {
    const commit = await git('rev-parse', '--short', 'HEAD')
    return (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+`
  } catch {
    // No checkout, or no git: the report is as good, only nobody can tell of what.
    return 'unknown'
  }
}
