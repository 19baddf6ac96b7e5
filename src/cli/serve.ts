/**
 * `switchhook serve`: runs the engine until it is told to stop. The engine itself is loaded when it is run, so that help and
 * completion do not pay for it.
 */
import { LOG_FORMATS } from '../logging/levels.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'

/** Serves. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'serve',
    forms: ['serve [--config FILE] [--port PORT] [--log-format json|pretty]'],
    about:
      'Runs the engine: takes events and invokes over HTTP, and sends webhooks. When the configuration changes on disk, or on\n' +
      'SIGHUP, it is reloaded without dropping a request; one with a mistake is refused whole, and the one before goes on.\n' +
      'SIGTERM and Ctrl-C end it in order; SIGUSR2 logs everything, and a second one what was logged before.',
    words: [],
    options: {
      config: {
        kind: 'text',
        value: 'FILE',
        help: 'the configuration; default switchhook.yaml in this folder',
        completes: 'file',
      },
      port: {
        kind: 'number',
        value: 'PORT',
        least: 0,
        most: 65_535,
        help: 'listen there instead of where the configuration says; 0 takes any free port',
      },
      'log-format': {
        kind: 'choice',
        choices: LOG_FORMATS,
        help: 'for programs or for people; default pretty on a terminal, else json',
      },
    },
    notes: 'Prints where it listens; its log goes to the standard error.',
    example: 'serve --config examples/switchhook.yaml',
  },
  async ({ options: { config = 'switchhook.yaml', port, 'log-format': logFormat } }) => {
    const { serve } = await import('./serving.ts')
    return await serve({ file: config, port, logFormat })
  },
)
