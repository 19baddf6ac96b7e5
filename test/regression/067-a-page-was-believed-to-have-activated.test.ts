/**
 * Whatever answered 200, a log-in page of a proxy too, `switchhook activate`, `deactivate` and `retry` said that it was done. Only
 * an engine's own answer says that.
 */
import { expect, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { Receiver } from '../worker/receiver.ts'

test.each([
  ['activate', '<html>'],
  ['deactivate', '{}'],
  ['retry', '[]'],
  ['retry', ''],
])('%s does not take %j for done', async (name, body) => {
  await using server = await Receiver.start()
  server.answer = (_, response) => response.end(body)
  const { status, stdout, stderr } = await runCommand([name, 'crm', '--url', server.origin])
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/does an engine listen there\?/)
})

test.each([
  ['activate', '{"id":"crm","active":true}'],
  ['deactivate', '{"id":"crm","active":false}'],
  ['retry', '{"id":"crm","state":"pending"}'],
])('%s takes the answer of an engine', async (name, body) => {
  await using server = await Receiver.start()
  server.answer = (_, response) => response.end(body)
  expect(await runCommand([name, 'crm', '--url', server.origin])).toMatchObject({ status: 0, stderr: '' })
})
