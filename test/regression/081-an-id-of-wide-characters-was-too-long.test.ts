/**
 * A binding's id has up to 200 characters. One beyond the first plane counted twice, and an id of 101 such was refused as the id that is
 * made of account and key, which it is not.
 */
import { expect, test } from 'vitest'
import { mistakesIn } from '../config/check.ts'
import { startManaged } from '../management/management-world.ts'

const WIDE = '\u{1f4de}'
const BODY = { number: '8005550001', postCall: 'none' }

test.each([
  [200, 201],
  [201, 422],
])('an id of %i wide characters is answered %i', async (count, expected) => {
  const { ask } = await startManaged('')
  const path = `/v1/bindings/${encodeURIComponent(WIDE.repeat(count))}`
  const { status, json } = await ask('PUT', path, BODY)
  expect(status).toBe(expected)
  if (expected === 422) expect(json.errors).toMatchObject([{ path: 'id' }])
  else expect((await ask('GET', path)).status).toBe(200)
})

test.each([
  [183, []],
  [184, [expect.stringContaining('is too long to make an id of account and key')]],
])('an id made of a campaign of %i wide characters', (count, expected) => {
  const binding = { campaign: WIDE.repeat(count), begin: [] }
  expect(mistakesIn(JSON.stringify({ bindings: [binding] }))).toEqual(expected)
})
