/**
 * `fetch` shows what it can't send: a token with a line feed in it stood in the message "nobody answers", and so did the password
 * of a URL. Both are refused before anything is sent, by a message without them.
 */
import { describe, expect, test } from 'vitest'
import { RequestError, SwitchhookClient } from '../../src/client/client.ts'
import { runCommand } from '../cli/run-command.ts'
import { Receiver } from '../worker/receiver.ts'

const SECRET = 'Zq81xKpl'

describe('is told without the secret', () => {
  test.each([
    ['a token with a line feed', { token: `${SECRET}\n${SECRET}` }, /the token holds characters that can not be sent/],
    ['a token with a blank', { token: `Bearer ${SECRET}` }, /the token holds characters/],
    ['a token that is not ASCII', { token: `${SECRET}€` }, /the token holds characters/],
    ['a URL with a password', { url: `http://user:${SECRET}@127.0.0.1:1` }, /has no user and no password/],
    ['a URL with a user', { url: `http://${SECRET}@127.0.0.1:1` }, /has no user and no password/],
    ['a URL with a query', { url: `http://127.0.0.1:1/?key=${SECRET}` }, /neither \? nor #/],
    ['another scheme', { url: `ftp://user:${SECRET}@127.0.0.1` }, /is none such as http:/],
  ])('%s', (_what, options, expected) => {
    expect(() => new SwitchhookClient(options)).toThrow(RequestError)
    expect(() => new SwitchhookClient(options)).toThrow(expected)
    expect(() => new SwitchhookClient(options)).not.toThrow(SECRET)
  })

  test.each([
    ['a token', { SWITCHHOOK_TOKEN: `${SECRET}\nx` }, []],
    ['a URL', {}, ['--url', `http://user:${SECRET}@127.0.0.1:1`]],
    ['a URL of another scheme', {}, ['--url', `ftp://user:${SECRET}@127.0.0.1:1`]],
    ['a URL of the environment', { SWITCHHOOK_URL: `http://user:${SECRET}@127.0.0.1:1` }, []],
  ])('by a command: %s', async (_what, env, words) => {
    const { status, stdout, stderr } = await runCommand(['stats', ...words], { env })
    expect(status).toBe(2)
    expect(stdout + stderr).not.toContain(SECRET)
    expect(stderr).not.toContain('nobody answers')
  })
})

test('the line end of the file that a token was read from does no harm', async () => {
  await using server = await Receiver.start()
  server.answer = (_, response) => response.end('{"platforms":[]}')
  await new SwitchhookClient({ url: server.origin, token: `${SECRET}\n` }).catalog()
  expect(server.received[0]?.headers['authorization']).toBe(`Bearer ${SECRET}`)
})
