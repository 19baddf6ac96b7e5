/**
 * What stands on the command line of `switchhook serve`, for completion in shells. Apart from the command itself, which
 * reads its arguments before anything else is loaded.
 */
import type { Options, Usage } from './usage.ts'

/** See the head of this file. */
export const SERVE_USAGE: Usage<Options> = {
  name: 'serve',
  forms: ['serve [--config FILE] [--port PORT]'],
  about: 'Runs the engine.',
  words: [],
  options: {
    config: { kind: 'text', value: 'FILE', help: 'the configuration', completes: 'file' },
    port: { kind: 'number', value: 'PORT', least: 0, most: 65_535, help: 'listen there' },
  },
  notes: '',
  example: 'serve --config examples/switchhook.yaml',
}
