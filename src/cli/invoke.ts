/**
 * `switchhook invoke`: asks a webhook's server as a live call would, and prints the decision.
 */
import type { InvokeResult } from '../client/client.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, type EngineAddress, tokenNote, withEngine } from './engine-access.ts'
import { readEventFile } from './event-file.ts'
import { manyLines, paint, print, printJson } from './output.ts'

/** Invokes, and prints the decision. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'invoke',
    forms: ['invoke ID EVENT.json [--wait SECONDS] [--json] [--url URL | --config FILE]'],
    about:
      "Asks the webhook ID's server what a call does next, and prints the decision. EVENT.json holds one event,\n" +
      '{"subject":"call-1","data":{…}}; - is the standard input. Exit status 1: the decision is backup.',
    words: [
      { name: 'ID', completes: 'webhook' },
      { name: 'EVENT.json', completes: 'file' },
    ],
    options: {
      wait: { kind: 'number', value: 'SECONDS', least: 1, most: 10, help: 'the most time for all of it' },
      json: { kind: 'flag', help: "the engine's answer as one JSON object" },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('invoke'),
    example: 'invoke ivr event.json --wait 3',
  },
  async ({ words: [id = '', file = ''], options }) => {
    return await invokeWith(id, await readEventFile(file), options)
  },
)

/** How {@link invokeWith} asks and prints. */
export interface InvokeChoices extends EngineAddress {
  /** Seconds. */
  readonly wait?: number | undefined
  readonly json: boolean
}

/** Invokes with the JSON text of an event, and prints; 1 where the decision is `backup`. */
export async function invokeWith(id: string, event: string, choices: InvokeChoices): Promise<ExitStatus> {
  const limits = choices.wait === undefined ? {} : { waitS: choices.wait }
  const result = await withEngine(choices, (client) => client.invoke(id, event, limits))
  if (choices.json) printJson(result)
  else print(decisionText(result))
  return result.decision.kind === 'backup' ? 1 : 0
}

/** The kind and how it came about on one line, its members as JSON below. */
function decisionText({ decision, attempt }: InvokeResult): string {
  const { kind, ...members } = decision
  const came =
    attempt === undefined
      ? 'nothing was sent'
      : `${attempt.status === 0 ? 'no answer' : `HTTP ${attempt.status}`} after ${attempt.durationMs.toFixed(1)} ms`
  const head = `${paint(kind === 'backup' ? 'bad' : 'good', kind)}  ${paint('quiet', came)}`
  if (Object.keys(members).length === 0) return head
  return `${head}\n${manyLines(JSON.stringify(members, undefined, 2))}`
}
