/**
 * The document and the API agree: requests made of the document, right ones and such that are a little wrong, are answered as it
 * says, by status, content type and body; none with an error of the engine. `API_REQUESTS` makes it longer, `API_SEED` other.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DOCUMENTED, faultIn } from './api-document.ts'
import { type DocumentedRequest, documentedRequests } from './documented-requests.ts'
import { type LiveEngine, startLiveEngine } from './live-engine.ts'

const REQUESTS = Number(process.env['API_REQUESTS'] ?? 10_000)
const SEED = Number(process.env['API_SEED'] ?? 20_190_328)

/** Requests in flight at once; fewer than may watch. */
const LANES = 16

/** Why a request that is right by the document may be refused: by more than the shape of its values. */
const BEYOND_SHAPE: readonly RegExp[] = [
  /must lie before until|is needed to send again what was delivered/,
  /must be a time such as|a telephone number has|must be next of the page before/,
  /must be an RFC 3339 timestamp|half surrogates/,
  /in data_base64|data_base64 must hold|data_base64 is read only/,
  /The format can not be read/,
  /(is not acceptable|The event carries its own attributes)/,
  /holds parameters that mean nothing here|more than once|both as a value and with parts/,
  /this is not an event/,
  /delivery brings its event/,
]

test(`${REQUESTS} requests made of the document are answered as it says`, { timeout: 900_000 }, async () => {
  const engine = await startLiveEngine(LANES)
  const requests = fc.sample(documentedRequests(engine), { numRuns: REQUESTS, seed: SEED })
  const wrong: unknown[] = []
  const good = new Map<string, number>()
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let next = requests.pop(); next !== undefined; next = requests.pop()) await send(next, engine, wrong, good)
    }),
  )
  expect(wrong.slice(0, 5)).toEqual([])
  // Every operation was answered well, most of them often: what is only refused shows little.
  expect(DOCUMENTED.filter(({ id }) => (good.get(id) ?? 0) === 0).map(({ id }) => id)).toEqual([])
  expect(engine.world.logged.filter(({ message }) => message.startsWith('a request failed'))).toEqual([])
  expect((await fetch(`${engine.world.url}/healthz`)).status).toBe(200)
})

async function send(
  { operation, request, says }: DocumentedRequest,
  engine: LiveEngine,
  wrong: unknown[],
  good: Map<string, number>,
): Promise<void> {
  const answer = await engine.ask(request)
  const { status, text } = answer
  if (status < 400) good.set(operation.id, (good.get(operation.id) ?? 0) + 1)
  const isRefused = status === 400 || status === 415 || status === 422
  const fault =
    faultIn(operation, answer) ??
    (status >= 500 ? 'an error of the engine' : undefined) ??
    (says === 'right' && isRefused && !BEYOND_SHAPE.some((pattern) => pattern.test(text))
      ? 'it was right'
      : undefined) ??
    (says === 'wrong' && status < 400 ? 'it was wrong' : undefined)
  if (fault !== undefined) wrong.push({ fault, says, request, status, text: text.slice(0, 500) })
}
