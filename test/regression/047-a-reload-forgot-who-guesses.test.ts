/**
 * With each reload the service forgot which addresses had guessed tokens, and which ones known tokens had come from: guessing
 * began anew, and honest callers behind the same proxy could be locked out by it until they were first.
 */
import { expect, test } from 'vitest'
import { FAILURES_AT_ONCE } from '../../src/ingress/http/failed-logins.ts'
import { run } from '../ingress/recording.ts'

const tokens = [{ name: 'a', secret: 'known-secret', may: ['read'], accounts: 'all' }] as const

test('who guesses stays locked out, and who does not stays let in', async () => {
  await using guessed = await run({ tokens })
  await using trusted = await run({ tokens })
  const ask = async (server: typeof guessed, token: string) =>
    (await fetch(`${server.url}/v1/stats`, { headers: { authorization: `Bearer ${token}` } })).status

  expect(await ask(trusted, 'known-secret')).toBe(200)
  for (let guess = 0; guess < FAILURES_AT_ONCE; guess += 1) await ask(guessed, `guess-${guess}`)
  guessed.ingress.renew({ tokens })
  trusted.ingress.renew({ tokens })
  expect(await ask(guessed, 'guess')).toBe(429)
  for (let guess = 0; guess < FAILURES_AT_ONCE + 5; guess += 1) await ask(trusted, `guess-${guess}`)
  expect(await ask(trusted, 'known-secret')).toBe(200)
})

test('a secret that is no base64 is taken after Bearer as well', async () => {
  await using server = await run({ tokens: [{ ...tokens[0], secret: 'p@ss:w0rd!$%&' }] })
  const headers = { authorization: 'Bearer p@ss:w0rd!$%&' }
  expect((await fetch(`${server.url}/v1/stats`, { headers })).status).toBe(200)
})
