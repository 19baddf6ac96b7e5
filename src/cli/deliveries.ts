/**
 * `switchhook deliveries`: lists deliveries as a table or as JSON lines, or tells all about one with its attempts.
 */
import type { Delivery, DeliveryFilter, SwitchhookClient } from '../client/client.ts'
import { SwitchhookError } from '../errors.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { deliveryRow, deliveryText, HEADINGS } from './delivery-text.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { complain, print, printJson, tableOf, taken } from './output.ts'

/** Deliveries that are listed unless the command line says otherwise. */
const DEFAULT_LIMIT = 50

/** Most deliveries on a page of the API. */
const PAGE_SIZE = 1000

/** Lists or shows. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'deliveries',
    forms: [
      'deliveries [--webhook ID] [--state pending|delivered|dead] [--event ID] [--subject CALL]\n' +
        '[--limit COUNT] [--json] [--url URL | --config FILE]',
      'deliveries ID [--json] [--url URL | --config FILE]',
    ],
    about: 'Lists deliveries, the newest first; with an ID, tells all about that one with its attempts.',
    words: [{ name: 'ID', isOptional: true }],
    options: {
      webhook: { kind: 'text', value: 'ID', help: 'only to this webhook', completes: 'webhook' },
      state: { kind: 'choice', choices: ['pending', 'delivered', 'dead'], help: 'only in this state' },
      event: { kind: 'text', value: 'ID', help: 'only of the event with this id' },
      subject: { kind: 'text', value: 'CALL', help: 'only of this call' },
      limit: {
        kind: 'number',
        value: 'COUNT',
        least: 1,
        most: 1_000_000_000,
        help: `at most so many; default ${DEFAULT_LIMIT}`,
      },
      json: { kind: 'flag', help: 'one JSON object a line' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('read'),
    example: 'deliveries --webhook crm --state dead',
  },
  async ({ words: [id], options }) => {
    const { webhook, state, event, subject, limit, json } = options
    const filter = {
      ...(webhook === undefined ? {} : { webhook }),
      ...(state === undefined ? {} : { state }),
      ...(event === undefined ? {} : { event }),
      ...(subject === undefined ? {} : { subject }),
    }
    if (id === undefined) {
      await withEngine(options, (client) => list(client, filter, limit ?? DEFAULT_LIMIT, json))
      return 0
    }
    if (limit !== undefined || Object.keys(filter).length > 0) {
      throw new SwitchhookError(
        'usage',
        'an ID names one delivery: leave --webhook, --state, --event, --subject, --limit out',
      )
    }
    const delivery = await withEngine(options, (client) => client.delivery(id))
    if (json) printJson(delivery)
    else print(deliveryText(delivery))
    return 0
  },
)

/** Prints a page at a time, so that a long list neither waits nor gathers in memory. */
async function list(client: SwitchhookClient, filter: DeliveryFilter, limit: number, isJson: boolean): Promise<void> {
  let left = limit
  let cursor: string | null = null
  let isFirst = true
  do {
    const page = await client.deliveryPage(filter, Math.min(left, PAGE_SIZE), cursor)
    if (isJson) for (const delivery of page.deliveries) printJson(delivery)
    else if (page.deliveries.length > 0) print(pageText(page.deliveries, isFirst))
    else if (isFirst) complain('there are no such deliveries')
    await taken()
    isFirst = false
    left -= page.deliveries.length
    cursor = page.next ?? null
  } while (left > 0 && cursor !== null)
  if (cursor !== null && !isJson) complain(`there are more; --limit COUNT lists more than ${limit}`)
}

function pageText(deliveries: readonly Delivery[], isFirst: boolean): string {
  const rows = deliveries.map(deliveryRow)
  return tableOf(isFirst ? [HEADINGS, ...rows] : rows)
}
