/** `GET` and `PUT /v1/log`: who may, what is refused, and the line that it leaves in the audit. */
import { describe, expect, test } from 'vitest'
import { LOG_LEVELS } from '../../src/logging/levels.ts'
import { run } from './recording.ts'

const TOKENS = [
  { name: 'ops', secret: 'ops-secret', may: ['manage'], accounts: 'all' },
  { name: 'eye', secret: 'eye-secret', may: ['read'], accounts: 'all' },
  { name: 'acme', secret: 'acme-secret', may: ['manage'], accounts: ['acme'] },
] as const

function recordingLog() {
  const lines: object[] = []
  return { level: 'info', lines, info: (fields: object) => void lines.push(fields), error: () => undefined }
}

async function ask(url: string, secret: string, body?: unknown, type = 'application/json') {
  const response = await fetch(`${url}/v1/log`, {
    method: body === undefined ? 'GET' : 'PUT',
    headers: { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': type }) },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, answer: JSON.parse(await response.text()) }
}

test('the level is shown, and changed at once, and whoever changed it stands in the audit', async () => {
  const log = recordingLog()
  await using server = await run({ tokens: TOKENS, log })
  expect(await ask(server.url, 'eye-secret')).toEqual({ status: 200, answer: { level: 'info' } })
  expect(await ask(server.url, 'ops-secret', { level: 'debug' })).toEqual({
    status: 200,
    answer: { level: 'debug', before: 'info' },
  })
  expect(log.level).toBe('debug')
  expect(await ask(server.url, 'ops-secret')).toMatchObject({ answer: { level: 'debug' } })
  expect(log.lines).toEqual([{ audit: 'log-level', by: 'ops', from: '127.0.0.1', to: 'debug', before: 'info' }])
})

test.each(LOG_LEVELS)('%s is a level, in a form too', async (level) => {
  const log = recordingLog()
  await using server = await run({ tokens: TOKENS, log })
  const form = 'application/x-www-form-urlencoded'
  expect(await ask(server.url, 'ops-secret', `level=${level}`, form)).toMatchObject({ status: 200 })
  expect(log.level).toBe(level)
})

describe('nothing changes, and no line is left, where it is refused', () => {
  test.each([
    ['a level that nobody knows', 'ops-secret', { level: 'loud' }, 422],
    ['no level', 'ops-secret', {}, 422],
    ['something beside it', 'ops-secret', { level: 'debug', for: '5m' }, 422],
    ['no JSON', 'ops-secret', '{', 400],
    ['a token that may only read', 'eye-secret', { level: 'debug' }, 403],
    ['a token of some accounts', 'acme-secret', { level: 'debug' }, 403],
  ])('%s', async (_name, secret, body, status) => {
    const log = recordingLog()
    await using server = await run({ tokens: TOKENS, log })
    expect((await ask(server.url, secret, body)).status).toBe(status)
    expect(log).toMatchObject({ level: 'info', lines: [] })
  })
})

test('a mistake is told with its path and what would be right', async () => {
  await using server = await run({ tokens: TOKENS, log: recordingLog() })
  expect(await ask(server.url, 'ops-secret', { level: 'loud' })).toMatchObject({
    answer: { errors: [{ path: 'level', detail: 'must be one of debug, info, warn, error' }] },
  })
})

test('a log without a level, as an embedding program may bring it, is not found', async () => {
  const log = { info: () => undefined, error: () => undefined }
  await using server = await run({ tokens: TOKENS, log })
  expect(await ask(server.url, 'ops-secret')).toMatchObject({ status: 404 })
  expect(await ask(server.url, 'ops-secret', { level: 'debug' })).toMatchObject({ status: 404 })
  expect(log).not.toHaveProperty('level')
})
