/**
 * Questions to whoever sits at the terminal, asked again until an answer is good; an empty one is the default. Who gives none
 * (Ctrl-C, Ctrl-D) ends the command. Used by `switchhook init`.
 */
import { createInterface, type Interface } from 'node:readline/promises'
import { SwitchhookError } from '../errors.ts'
import { paint, print } from './output.ts'

/** One of few answers. */
export interface Offered {
  readonly id: string
  readonly about: string
}

/** See the head of this file. */
export interface Questions {
  /** `mistakeIn` says what is wrong with an answer, and what would be right. */
  ask(question: string, usual: string, mistakeIn: (answer: string) => string | undefined): Promise<string>
  /** By number or id; the first is the default. */
  choose(question: string, offered: readonly Offered[]): Promise<string>
  /** No by default. */
  confirm(question: string): Promise<boolean>
  /** Gives the terminal back. Safe to call twice. */
  close(): void
}

/** Takes the terminal. */
export function openQuestions(): Questions {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const gone = new AbortController()
  terminal.once('close', () => gone.abort())
  terminal.once('SIGINT', () => terminal.close())
  const ask: Questions['ask'] = async (question, usual, mistakeIn) => {
    for (;;) {
      const shown = `${paint('heading', question)} ${paint('quiet', `[${usual}]`)} `
      const answer = (await answerTo(terminal, shown, gone.signal)).trim() || usual
      const mistake = mistakeIn(answer)
      if (mistake === undefined) return answer
      print(`  ${paint('bad', mistake)}`)
    }
  }
  return {
    ask,
    choose: async (question, offered) => {
      print(
        offered.map(({ id, about }, index) => `  ${index + 1}  ${id.padEnd(24)}  ${paint('quiet', about)}`).join('\n'),
      )
      const found = (answer: string): Offered | undefined =>
        offered.find(({ id }, index) => answer === id || answer === String(index + 1))
      const answer = await ask(question, '1', (given) =>
        found(given) === undefined ? `a number from 1 to ${offered.length} is expected` : undefined,
      )
      return found(answer)?.id ?? answer
    },
    confirm: async (question) => {
      const answer = await ask(question, 'no', (given) =>
        /^(?:y|yes|n|no)$/i.test(given) ? undefined : 'yes or no is expected',
      )
      return /^y/i.test(answer)
    },
    close: () => terminal.close(),
  }
}

async function answerTo(terminal: Interface, question: string, gone: AbortSignal): Promise<string> {
  try {
    return await terminal.question(question, { signal: gone })
  } catch (error) {
    if (!gone.aborted) throw error
    print('')
    throw new SwitchhookError('unavailable', 'there was no answer, and nothing is written', { cause: error })
  }
}
