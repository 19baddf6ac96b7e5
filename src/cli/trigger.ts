/**
 * `switchhook trigger`: plays an example event of the catalogue, so that a webhook can be tried before there are calls.
 */
import { randomUUID } from 'node:crypto'
import { SwitchhookError } from '../errors.ts'
import type { DataPoints } from '../model/data.ts'
import type { ExitStatus, LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { ASKED_KIND, DATA_OPTION, exampleWith, KINDS, PLATFORMS, SENT_KINDS } from './example-event.ts'
import { invokeWith } from './invoke.ts'
import { complain, counted, oneLine, print, printJson } from './output.ts'

/** Plays one event. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'trigger',
    forms: [
      'trigger PLATFORM KIND [--data NAME=VALUE]... [--subject CALL] [--account ACCOUNT] [--print | --json]\n' +
        '[--url URL | --config FILE]',
      'trigger PLATFORM KIND --webhook ID ...',
    ],
    about:
      "Sends an example event with the data points of a platform's document (`GET /v1/catalog`), which triggers\n" +
      'webhooks as a real one would; with --webhook, asks that webhook as a live call would, and prints the decision.\n\n' +
      `  PLATFORM  ${PLATFORMS.slice(0, 4).join(', ')},\n            ${PLATFORMS.slice(4).join(', ')}; custom has the data points of all\n` +
      `  KIND      ${SENT_KINDS.join(', ')}; ${ASKED_KIND}, which needs --webhook`,
    words: [
      { name: 'PLATFORM', choices: PLATFORMS },
      { name: 'KIND', choices: KINDS },
    ],
    options: {
      data: DATA_OPTION,
      webhook: { kind: 'text', value: 'ID', help: 'ask this webhook', completes: 'webhook' },
      subject: { kind: 'text', value: 'CALL', help: 'id of the call; default: a new one' },
      account: { kind: 'text', value: 'ACCOUNT', help: 'whose event it is; default: that of the token or webhook' },
      print: { kind: 'flag', help: 'only print the event as JSON, for a file; nothing is sent' },
      json: { kind: 'flag', help: "the engine's answer as one JSON object" },
      ...ENGINE_OPTIONS,
    },
    notes: `${tokenNote('send, with --webhook: invoke')}\nAn event with no binding in force for its campaign or number may trigger nothing; --data sets those.`,
    example: "trigger autoid call.end --data 'campaign_name=Sales Campaign'",
  },
  async ({ words: [platform = '', kind = ''], options }) => {
    const { subject = `example-${randomUUID()}`, account, webhook, json } = options
    const data = exampleWith(platform, kind, options.data)
    if (options.print && json) throw new SwitchhookError('usage', 'only one of --print and --json can be given')
    const event = { type: kind, subject, ...(account === undefined ? {} : { account }), data }
    if (options.print) {
      printJson(event)
      return 0
    }
    if (webhook !== undefined) return await invokeWith(webhook, JSON.stringify(event), { ...options, json })
    if (kind === ASKED_KIND) {
      throw new SwitchhookError('usage', `${ASKED_KIND} is a question to one webhook: --webhook ID says which`)
    }
    return await send(options, event, json)
  },
)

async function send(
  address: Parameters<typeof withEngine>[0],
  event: { readonly type: string; readonly subject: string; readonly account?: string; readonly data: DataPoints },
  isJson: boolean,
): Promise<ExitStatus> {
  const answer = await withEngine(address, (client) => client.send(event))
  if (isJson) {
    printJson({ subject: event.subject, ...answer })
    return 0
  }
  const [accepted] = answer.accepted
  const made = counted(accepted?.deliveries ?? 0, 'delivery', 'deliveries')
  print(oneLine(`${event.type} of ${event.subject} accepted with ${made}`))
  if (accepted?.deliveries === 0) complain('no active webhook of its account is triggered by it')
  return 0
}
