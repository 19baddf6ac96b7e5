/** A thread that answers: each question gets its answer or, where there can be none, learns that there is none. */
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { AnsweringThread } from '../src/thread.ts'
import { KILLED, killThreads } from './threads.ts'

/** Decompresses; what is not a question to it ends it. */
const ENTRY = new URL('../src/ingress/body/inflate-entry.ts', import.meta.url)

/** Runs, and never answers. */
const SILENT = new URL('data:text/javascript,setInterval(() => undefined, 1000)')

function start(file: URL): { thread: AnsweringThread<unknown, unknown>; deaths: string[] } {
  const deaths: string[] = []
  const thread = new AnsweringThread<unknown, unknown>(file, 'switchhook-test', (detail) => void deaths.push(detail))
  onTestFinished(() => thread[Symbol.asyncDispose]())
  return { thread, deaths }
}

test.each([
  ['that it dies of', ENTRY, { coding: 'none' }, /is not a function/],
  ['that can not cross to it', ENTRY, { bytes: () => 1 }, /could not be cloned/],
  ['for which there can be no thread', new URL('https://127.0.0.1/'), {}, /file/i],
  ['for a file that is not there', new URL('nowhere.ts', ENTRY), {}, /Cannot find module/],
])('a question %s gets no answer, and its owner is told once', async (_, file, question, why) => {
  const { thread, deaths } = start(file)
  expect(await thread.ask(question)).toBeUndefined()
  expect(deaths).toEqual([expect.stringMatching(why)])
  expect(await thread.ask(question)).toBeUndefined()
  expect(deaths).toHaveLength(2)
})

test.each([
  ['before it runs', async () => undefined],
  ['once it runs', async (killed: Worker) => void (await once(killed, 'online'))],
])('a thread that is killed %s has no answer, and its owner is told once', async (_, moment) => {
  const { thread, deaths } = start(SILENT)
  const started: Promise<Worker[]> = once(process, 'worker')
  const answer = thread.ask({})
  const killed = await started
  await Promise.all(killed.map(moment))
  await killThreads(killed)
  expect(await answer).toBeUndefined()
  expect(deaths).toEqual([expect.stringMatching(KILLED)])
})

test('a question after one that could not cross is answered', async () => {
  const { thread } = start(ENTRY)
  expect(await thread.ask({ bytes: () => 1 })).toBeUndefined()
  const bytes = new Uint8Array([3, 0])
  expect(await thread.ask({ bytes, coding: 'deflate', limitBytes: 10 })).toMatchObject({ kind: 'body' })
})

test('after its end nothing is answered, and nobody is told of a death', async () => {
  const { thread, deaths } = start(ENTRY)
  const bytes = new Uint8Array([3, 0])
  expect(await thread.ask({ bytes, coding: 'deflate', limitBytes: 10 })).toMatchObject({ kind: 'body' })
  await thread[Symbol.asyncDispose]()
  expect(await thread.ask({ bytes, coding: 'deflate', limitBytes: 10 })).toBeUndefined()
  expect(deaths).toEqual([])
})
