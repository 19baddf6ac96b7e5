/**
 * What a command of the command line is. Each command is one file beside this one, which is loaded only when the command
 * is called, so that `switchhook --version` does not pay for the server.
 */
import type { Options, Usage } from './usage.ts'

/**
 * Does a command's work with the arguments after its name, and gives the exit status: see {@link ExitStatus}. It gets the
 * table of all commands too, for those that tell about others.
 */
export type RunCommand = (args: readonly string[], commands: readonly Command[]) => Promise<ExitStatus>

/** 0: done; 1: it failed; 2: the command line or the configuration can't be used. */
export type ExitStatus = 0 | 1 | 2

/** A command's file, loaded. */
export interface LoadedCommand {
  /** What can stand on its command line, for completion in shells. */
  readonly usage: Usage<Options>
  /** Answers `--help` among its arguments itself. */
  readonly run: RunCommand
}

/** An entry in the table of commands. */
export interface Command {
  /** The word on the command line. */
  readonly name: string
  /** What it does, in one line of the list that `--help` prints. */
  readonly summary: string
  /** Loads the command's file. */
  readonly load: () => Promise<LoadedCommand>
}
