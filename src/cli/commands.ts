/**
 * The table of commands, in the order in which `--help` lists them. Adding a command is adding a file beside this one
 * and a line here.
 */
import type { Command } from './command.ts'
import { SERVE_USAGE } from './serve-usage.ts'

/** All commands of `switchhook`. */
export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'run the engine',
    load: async () => ({ usage: SERVE_USAGE, run: (await import('./serve.ts')).run }),
  },
  { name: 'check', summary: 'check a configuration', load: async () => (await import('./check.ts')).command },
  {
    name: 'render',
    summary: 'show the request that a webhook would be sent',
    load: async () => (await import('./render.ts')).command,
  },
  {
    name: 'invoke',
    summary: 'ask a webhook what a call does next',
    load: async () => (await import('./invoke.ts')).command,
  },
  { name: 'send', summary: 'send the events of a file', load: async () => (await import('./send.ts')).command },
  { name: 'trigger', summary: 'play an example event', load: async () => (await import('./trigger.ts')).command },
  {
    name: 'deliveries',
    summary: 'list deliveries, or show one with its attempts',
    load: async () => (await import('./deliveries.ts')).command,
  },
  { name: 'retry', summary: 'send a delivery again', load: async () => (await import('./retry.ts')).command },
  {
    name: 'replay',
    summary: "send a webhook's dead letters again",
    load: async () => (await import('./replay.ts')).command,
  },
  {
    name: 'sink',
    summary: 'receive webhooks, to try things with',
    load: async () => (await import('./sink.ts')).command,
  },
  {
    name: 'store',
    summary: 'look at, verify or back up a store',
    load: async () => (await import('./store.ts')).command,
  },
  { name: 'erase', summary: "erase a caller's data", load: async () => (await import('./erase.ts')).command },
  {
    name: 'completion',
    summary: 'teach your shell the commands',
    load: async () => (await import('./completion.ts')).command,
  },
]
