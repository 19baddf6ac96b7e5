/**
 * A thread that answers questions, several at once. It starts with the first one and does not keep the process alive. What it had
 * when it died gets no answer, for it may be what it died of; the next question has a new thread, and whoever owns it is told.
 * Used for what would hold up the main thread: to make scrapes, to decompress bodies.
 */
import { parentPort, type Transferable, Worker } from 'node:worker_threads'
import { messageOf } from './errors.ts'

/** What crosses to the thread, and back under the same number. */
interface Numbered<Content> {
  readonly number: number
  readonly content: Content
}

/** What is answered, and which of its memory is handed over with it. */
export interface ThreadAnswer<Answer> {
  readonly answer: Answer
  readonly handed: readonly Transferable[]
}

/** See the head of this file. Main thread only; the other side is {@link answerQuestions}. */
export class AnsweringThread<Question, Answer> implements AsyncDisposable {
  readonly #file: URL
  readonly #name: string
  readonly #onDeath: (detail: string) => void
  /** Undefined as an answer: the thread is gone. */
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>()
  #worker: Worker | undefined
  #lastNumber = 0
  #isClosed = false

  /** `file` is what the thread runs, `name` what the system shows; `onDeath` is told why a thread ended that nobody ended. */
  constructor(file: URL, name: string, onDeath: (detail: string) => void) {
    this.#file = file
    this.#name = name
    this.#onDeath = onDeath
  }

  /** The answer; undefined where the thread died of this or meanwhile, or is not to run any more. Never rejects. */
  ask(question: Question, handed: readonly Transferable[] = []): Promise<Answer | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined)
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    this.#lastNumber += 1
    const number = this.#lastNumber
    try {
      const worker = this.#worker ?? this.#start()
      worker.postMessage({ number, content: question } satisfies Numbered<Question>, handed)
      this.#waiting.set(number, resolve)
    } catch (error) {
      // The system has no thread for it, or no memory to take the question across.
      this.#onDeath(messageOf(error))
      resolve(undefined)
    }
    return promise
  }

  /** Ends the thread. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#file, { name: this.#name })
    worker.on('message', ({ number, content }: Numbered<Answer>) => {
      this.#waiting.get(number)?.(content)
      this.#waiting.delete(number)
    })
    let detail: string | undefined
    // Its exit follows, and is what counts.
    worker.on('error', (error) => {
      detail = messageOf(error)
    })
    worker.on('exit', (status) => {
      this.#worker = undefined
      if (!this.#isClosed) this.#onDeath(detail ?? `it ended with status ${status}`)
      for (const lose of this.#waiting.values()) lose(undefined)
      this.#waiting.clear()
    })
    // Last: to listen for messages makes the process wait for the thread again.
    worker.unref()
    this.#worker = worker
    return worker
  }
}

/** What such a thread does: each question is answered by `answer`; where that fails, the thread ends with all that it has. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<ThreadAnswer<Answer>>): void {
  const port = parentPort
  port?.on('message', ({ number, content }: Numbered<Question>) => {
    void answer(content).then((answered) => {
      port.postMessage({ number, content: answered.answer } satisfies Numbered<Answer>, answered.handed)
    })
  })
}
