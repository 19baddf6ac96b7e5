/**
 * A loopback listener, which is the default, has all its connections from one address, so that of 16,384 only 4,096 could be used:
 * a switch on the same machine with 5,000 was refused.
 */
import { expect, test } from 'vitest'
import { load } from '../config/check.ts'

test.each([
  ['', { total: 16_384, perAddress: 16_384 }],
  ['host: localhost', { total: 16_384, perAddress: 16_384 }],
  ['host: "::1", connections: { total: 100 }', { total: 100, perAddress: 100 }],
  ['connections: { perAddress: 50 }', { total: 16_384, perAddress: 50 }],
  ['host: 0.0.0.0', { total: 16_384, perAddress: 4_096 }],
  ['host: 127.example', { total: 16_384, perAddress: 4_096 }],
  ['host: 0.0.0.0, connections: { total: 100 }', { total: 100, perAddress: 100 }],
])('listen: { %s }', (listen, connections) => {
  expect(load(`listen: { ${listen} }`).listen.connections).toEqual(connections)
})
