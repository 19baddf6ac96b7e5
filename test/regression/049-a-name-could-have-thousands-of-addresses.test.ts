/**
 * A name server can send thousands of addresses in one answer: each was remembered, and judged anew for every connection by the
 * thread that connects, which for invokes is the main one.
 */
import { expect, test } from 'vitest'
import { ADDRESSES_LIMIT, nameServerResolver, type Resolution } from '../../src/transport/resolver.ts'
import { startNameServer } from '../transport/name-server.ts'

test.each([
  [ADDRESSES_LIMIT, 'resolved'],
  [ADDRESSES_LIMIT + 1, 'failed'],
])('a name with %i addresses is %s', async (count, kind) => {
  const four = Array.from({ length: count - 64 }, (_, index) => `192.0.2.${index}`)
  const six = Array.from({ length: 64 }, (_, index) => `2001:db8::${index.toString(16)}`)
  await using server = await startNameServer({ 'a.test': [...four, ...six] })
  const resolve = nameServerResolver({ servers: [server.address] })
  const resolution = await new Promise<Resolution>((done) => resolve('a.test', done))
  expect(resolution.kind).toBe(kind)
  if (resolution.kind === 'resolved') expect(resolution.addresses).toHaveLength(count)
  else expect(resolution.error.message).toBe(`a.test: the name has more than ${ADDRESSES_LIMIT} addresses`)
})
