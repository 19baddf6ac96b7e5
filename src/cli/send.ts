/**
 * `switchhook send`: sends the events of a file or of the standard input, one JSON object a line, and tells what became of them.
 * The file is read no faster than the engine takes its events, so that it may be of any size.
 */
import type { EventOutcome, SwitchhookClient } from '../client/client.ts'
import type { LoadedCommand } from './command.ts'
import { defineCommand } from './command-line.ts'
import { ENGINE_OPTIONS, tokenNote, withEngine } from './engine-access.ts'
import { type LineSource, openLines } from './event-lines.ts'
import { complain, counted, jsonText, oneLine, print, printJson } from './output.ts'
import { ProgressBar } from './progress-bar.ts'

/** Default and most of `--patience`. */
const PATIENCE_MS = 300_000
const MOST_PATIENCE_MS = 86_400_000

/** Exit status after Ctrl-C, as shells count: 128 and the number of SIGINT. */
const INTERRUPTED = 130

/** Sends, and tells what became of the lines. */
export const command: LoadedCommand = defineCommand(
  {
    name: 'send',
    forms: ['send FILE|- [--patience DURATION] [--json] [--url URL | --config FILE]'],
    about:
      'Sends events, one JSON object a line: {"type":"call.end","id":"7","subject":"call-1","data":{…}}. Blank lines are\n' +
      'skipped; - is the standard input. Lines that are refused are told with their number; exit status 1: there were some.\n' +
      'Events with an id can be sent again without harm: what was accepted before is a duplicate.',
    words: [{ name: 'FILE', completes: 'file' }],
    options: {
      patience: {
        kind: 'duration',
        value: 'DURATION',
        mostMs: MOST_PATIENCE_MS,
        help: 'how long to go on trying while the engine takes nothing (429, 503); default 5m',
      },
      json: { kind: 'flag', help: 'the sums as one JSON object, refused lines as one each on the standard error' },
      ...ENGINE_OPTIONS,
    },
    notes: tokenNote('send'),
    example: 'send events.ndjson',
  },
  async ({ words: [file = ''], options }) => {
    const sending = new Sending(options.json)
    const source = await openLines(file, (count) => sending.read(count))
    const patienceMs = options.patience ?? PATIENCE_MS
    // A source that is silent can't be left in any other way.
    const interrupt = (): never => {
      sending.end('until then: ')
      process.exit(INTERRUPTED)
    }
    process.once('SIGINT', interrupt)
    try {
      await withEngine(options, (client) => sending.run(client, source, patienceMs))
    } catch (error) {
      sending.end('until then: ')
      throw error
    } finally {
      process.off('SIGINT', interrupt)
    }
    sending.end()
    return sending.rejected === 0 ? 0 : 1
  },
)

/** One run: counts, and shows how it goes. */
class Sending {
  readonly #isJson: boolean
  readonly #bar = new ProgressBar()
  #readBytes = 0
  #accepted = 0
  #deliveries = 0
  #duplicates = 0
  #rejected = 0
  #isWaitTold = false

  constructor(isJson: boolean) {
    this.#isJson = isJson
  }

  get rejected(): number {
    return this.#rejected
  }

  /** Takes down that so much was read. */
  read(bytes: number): void {
    this.#readBytes += bytes
  }

  async run(client: SwitchhookClient, { lines, totalBytes }: LineSource, patienceMs: number): Promise<void> {
    for await (const outcome of client.sendStream(lines, { patienceMs, onWait: () => this.#tellWait() })) {
      this.#count(outcome)
      const events = this.#accepted + this.#duplicates + this.#rejected
      this.#bar.draw({ doneBytes: this.#readBytes, totalBytes, events })
    }
  }

  /** Gives the terminal back and prints the sums, behind `prefix` where they are not all. */
  end(prefix = ''): void {
    this.#bar.wipe()
    const sums = {
      accepted: this.#accepted,
      deliveries: this.#deliveries,
      duplicates: this.#duplicates,
      rejected: this.#rejected,
    }
    if (this.#isJson) {
      printJson(sums)
      return
    }
    const made = counted(this.#deliveries, 'delivery', 'deliveries')
    const others = [
      ...(sums.duplicates === 0 ? [] : [counted(sums.duplicates, 'duplicate')]),
      ...(sums.rejected === 0 ? [] : [`${counted(sums.rejected, 'line')} refused`]),
    ]
    print(prefix + [`${counted(sums.accepted, 'event')} accepted with ${made}`, ...others].join(', '))
  }

  /** Once: an engine that is full for long is asked again and again. */
  #tellWait(): void {
    if (this.#isWaitTold) return
    this.#isWaitTold = true
    this.#bar.wipe()
    complain('the engine takes no more for now; it is asked again when it says so')
  }

  #count(outcome: EventOutcome): void {
    switch (outcome.kind) {
      case 'accepted':
        this.#accepted += 1
        this.#deliveries += outcome.deliveries
        break
      case 'duplicate':
        this.#duplicates += 1
        break
      case 'rejected': {
        this.#rejected += 1
        const line = outcome.index + 1
        this.#bar.wipe()
        complain(this.#isJson ? jsonText({ line, detail: outcome.detail }) : `line ${line}: ${oneLine(outcome.detail)}`)
      }
    }
  }
}
