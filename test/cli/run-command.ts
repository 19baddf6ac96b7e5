/**
 * Runs `switchhook` as a process beside what runs in the test's own, and gives what it printed.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

/** The file of the command. */
export const COMMAND: string = join(import.meta.dirname, '..', '..', manifest.bin.switchhook)

/** What surrounds a command. */
export interface Surroundings {
  /** Default: an engine's address and token are not in it. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; default: nothing. */
  readonly input?: string
  readonly cwd?: string
}

/** What came of a command. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  { input = '', ...around }: Surroundings = {},
): Promise<Ended> {
  const child = startCommand(args, around)
  const exited = once(child, 'close')
  // A command that fails early does not read its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await exited
  return { status: child.exitCode, stdout, stderr }
}

/** Starts a command, which ends with the test. */
export function startCommand(
  args: readonly string[],
  { env, cwd }: Surroundings = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: 'pipe',
    env: { ...process.env, SWITCHHOOK_URL: '', SWITCHHOOK_TOKEN: '', NO_COLOR: '', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
