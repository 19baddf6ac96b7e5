/**
 * The table of commands, in the order in which `--help` lists them. Adding a command is adding a file beside this one
 * and a line here.
 */
import type { Command } from './command.ts'

/** All commands of `switchhook`. */
export const commands: readonly Command[] = [
  { name: 'init', summary: 'write a first configuration', load: async () => (await import('./init.ts')).command },
  { name: 'check', summary: 'check a configuration', load: async () => (await import('./check.ts')).command },
  { name: 'serve', summary: 'run the engine', load: async () => (await import('./serve.ts')).command },
  {
    name: 'sink',
    summary: 'receive webhooks, to try things with',
    load: async () => (await import('./sink.ts')).command,
  },
  { name: 'trigger', summary: 'play an example event', load: async () => (await import('./trigger.ts')).command },
  { name: 'send', summary: 'send the events of a file', load: async () => (await import('./send.ts')).command },
  {
    name: 'invoke',
    summary: 'ask a webhook what a call does next',
    load: async () => (await import('./invoke.ts')).command,
  },
  {
    name: 'render',
    summary: 'show the request that a webhook would be sent',
    load: async () => (await import('./render.ts')).command,
  },
  {
    name: 'tail',
    summary: 'tell what happens while it does',
    load: async () => (await import('./tail.ts')).command,
  },
  {
    name: 'deliveries',
    summary: 'list deliveries, or show one with its attempts',
    load: async () => (await import('./deliveries.ts')).command,
  },
  {
    name: 'calls',
    summary: 'tell the story of a call, or list the latest calls',
    load: async () => (await import('./calls.ts')).command,
  },
  { name: 'stats', summary: 'show how the engine stands', load: async () => (await import('./stats.ts')).command },
  {
    name: 'top',
    summary: 'watch rates, latencies and what waits',
    load: async () => (await import('./top.ts')).command,
  },
  {
    name: 'log-level',
    summary: 'show or change how much is logged',
    load: async () => (await import('./log-level.ts')).command,
  },
  { name: 'retry', summary: 'send a delivery again', load: async () => (await import('./retry.ts')).command },
  {
    name: 'replay',
    summary: "send a webhook's dead letters again",
    load: async () => (await import('./replay.ts')).command,
  },
  {
    name: 'activate',
    summary: 'let a webhook be triggered again',
    load: async () => (await import('./activate.ts')).command,
  },
  {
    name: 'deactivate',
    summary: "hold a webhook's deliveries",
    load: async () => (await import('./deactivate.ts')).command,
  },
  {
    name: 'catalog',
    summary: 'list the data points that templates can use',
    load: async () => (await import('./catalog.ts')).command,
  },
  {
    name: 'extract',
    summary: "list the fields of a template's format",
    load: async () => (await import('./extract.ts')).command,
  },
  {
    name: 'store',
    summary: 'look at, verify or back up a store',
    load: async () => (await import('./store.ts')).command,
  },
  {
    name: 'export',
    summary: 'write the configuration in force as a file',
    load: async () => (await import('./export.ts')).command,
  },
  { name: 'purge', summary: 'remove ended deliveries', load: async () => (await import('./purge.ts')).command },
  { name: 'erase', summary: "erase a caller's data", load: async () => (await import('./erase.ts')).command },
  {
    name: 'completion',
    summary: 'teach your shell the commands',
    load: async () => (await import('./completion.ts')).command,
  },
]
