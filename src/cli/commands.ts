/**
 * The table of commands, in the order in which `--help` lists them. Adding a command is adding a file beside this one
 * and a line here.
 */
import type { Command } from './command.ts'

/** All commands of `switchhook`. */
export const commands: readonly Command[] = [
  { name: 'serve', summary: 'run the engine', load: async () => (await import('./serve.ts')).run },
  { name: 'check', summary: 'check a configuration', load: async () => (await import('./check.ts')).run },
  { name: 'store', summary: 'look at, verify or back up a store', load: async () => (await import('./store.ts')).run },
  { name: 'erase', summary: "erase a caller's data", load: async () => (await import('./erase.ts')).run },
]
