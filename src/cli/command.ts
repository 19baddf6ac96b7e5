/**
 * What a command of the command line is. Each command is one file beside this one, which is loaded only when the command
 * is called, so that `switchhook --version` does not pay for the server.
 */

/** Does a command's work with the arguments after its name, and gives the exit status: see {@link ExitStatus}. */
export type RunCommand = (args: readonly string[]) => Promise<ExitStatus>

/** 0: done; 1: it failed; 2: the command line or the configuration can't be used. */
export type ExitStatus = 0 | 1 | 2

/** An entry in the table of commands. */
export interface Command {
  /** The word on the command line. */
  readonly name: string
  /** What it does, in one line of the list that `--help` prints. */
  readonly summary: string
  /** Loads the command's file. The command answers `--help` among its arguments itself. */
  readonly load: () => Promise<RunCommand>
}
