/** What answers set for a call, and for how long. */
import { expect, test } from 'vitest'
import { CallContexts } from '../../src/engine/calls/call-context.ts'
import { backup, type Decision } from '../../src/model/decision.ts'

const HOUR_MS = 3_600_000

function nextAction(changes: Partial<Extract<Decision, { kind: 'next-action' }>> = {}): Decision {
  return { kind: 'next-action', app: 'ivr', parameters: { id: '1' }, ...changes }
}

test('variables of several answers add up, the later one wins', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', { kind: 'set-variables', variables: { x: 1, y: 'old' } }, 0)
  contexts.record('a', 'c1', { kind: 'set-variables', variables: { y: 'new' } }, 0)
  expect(contexts.read('a', 'c1', 0)).toEqual({ x: 1, y: 'new', netget_status: 'set-variables' })
})

test('an action without pass-through data empties it, any other answer leaves it', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', nextAction({ passThrough: 'step|1' }), 0)
  contexts.record('a', 'c1', { kind: 'speak', text: 'hello' }, 0)
  expect(contexts.read('a', 'c1', 0)).toMatchObject({ ivr_pass_through: 'step|1', netget_status: 'speak' })
  contexts.record('a', 'c1', nextAction(), 0)
  expect(contexts.read('a', 'c1', 0)).toMatchObject({ ivr_pass_through: '' })
})

test('user parameters are data points of the call', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', nextAction({ userParameters: { param1: 'alpha' } }), 0)
  expect(contexts.read('a', 'c1', 0)).toMatchObject({ param1: 'alpha' })
})

test('a backup is remembered with its reason as netget_status', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', backup('response-timeout', 'silent'), 0)
  expect(contexts.read('a', 'c1', 0)).toEqual({ netget_status: 'backup response-timeout' })
})

test('accounts and calls do not see each other', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', { kind: 'disconnect' }, 0)
  expect(contexts.read('b', 'c1', 0)).toEqual({})
  expect(contexts.read('a', 'c2', 0)).toEqual({})
})

test('an event without a subject has no context', () => {
  const contexts = new CallContexts()
  contexts.record('a', '', { kind: 'disconnect' }, 0)
  expect(contexts.read('a', '', 0)).toEqual({})
  expect(contexts.size).toBe(0)
})

test('a context lives for an hour after its last use, and reading is a use', () => {
  const contexts = new CallContexts()
  contexts.record('a', 'c1', { kind: 'disconnect' }, 0)
  expect(contexts.read('a', 'c1', HOUR_MS - 1)).not.toEqual({})
  expect(contexts.readText('a', 'c1', 2 * HOUR_MS - 2)).toBe('{"netget_status":"disconnect"}')
  expect(contexts.read('a', 'c1', 3 * HOUR_MS - 2)).toEqual({})
  expect(contexts.readText('a', 'c1', 3 * HOUR_MS - 2)).toBe('')
})

test('the calls longest unused go first beyond the limit, and old ones go unasked', () => {
  const contexts = new CallContexts(undefined, { calls: 2 })
  for (const call of ['c1', 'c2', 'c1', 'c3']) contexts.record('a', call, { kind: 'disconnect' }, 0)
  expect(contexts.read('a', 'c2', 0)).toEqual({})
  expect(contexts.read('a', 'c1', 0)).not.toEqual({})
  for (let call = 0; call < 300; call += 1) contexts.record('a', 'c4', { kind: 'disconnect' }, HOUR_MS)
  expect(contexts.size).toBe(1)
})

test('with each record eight old ones go at most, so that none takes long', () => {
  const contexts = new CallContexts()
  for (let call = 0; call < 9; call += 1) contexts.record('a', `old-${call}`, { kind: 'disconnect' }, 0)
  contexts.record('a', 'c1', { kind: 'disconnect' }, HOUR_MS)
  expect(contexts.size).toBe(2)
  contexts.record('a', 'c1', { kind: 'disconnect' }, HOUR_MS)
  expect(contexts.size).toBe(1)
})

test('names of a customer’s variables can not reach beyond the context', () => {
  const contexts = new CallContexts()
  const variables: Record<string, string> = JSON.parse('{"__proto__":"x","constructor":"y"}')
  contexts.record('a', 'c1', { kind: 'set-variables', variables }, 0)
  const points = contexts.read('a', 'c1', 0)
  expect(Object.getPrototypeOf(points)).toBe(Object.prototype)
  expect(Object.hasOwn(points, '__proto__')).toBe(true)
})
