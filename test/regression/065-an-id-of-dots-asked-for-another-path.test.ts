/**
 * In a path of a URL `.` and `..` are steps, encoded or not: `switchhook retry ..` posted to `/v1/retry`, and `calls .` asked for
 * the list of calls. Such an id, an empty one and half a character are refused before anything is sent.
 */
import { expect, test } from 'vitest'
import { RequestError, SwitchhookClient } from '../../src/client/client.ts'
import { runCommand } from '../cli/run-command.ts'
import { Receiver } from '../worker/receiver.ts'

test.each(['.', '..', '', '\ud83d'])('%j is never asked for', async (id) => {
  await using server = await Receiver.start()
  const client = new SwitchhookClient({ url: server.origin })
  const calls = [
    () => client.call(id),
    () => client.delivery(id),
    () => client.retry(id),
    () => client.replay(id),
    () => client.activate(id),
    () => client.invoke(id, {}),
    () => client.renderDelivery('d', id),
    () => client.webhooks.get(id),
    () => client.bindings.delete(id),
    () => client.templates.put(id, {}),
  ]
  for (const call of calls) await expect(call()).rejects.toThrow(RequestError)
  expect(server.received).toEqual([])
})

test.each(['...', '.a', '%2e%2e', 'a/../b', '?', '#', '😀', ' '])('%j stays one part of the path', async (id) => {
  await using server = await Receiver.start()
  server.answer = (_, response) => response.writeHead(404).end('{}')
  await expect(new SwitchhookClient({ url: server.origin }).delivery(id)).rejects.toMatchObject({
    problem: { status: 404 },
  })
  expect(server.received[0]?.url).toBe(`/v1/deliveries/${encodeURIComponent(id)}`)
})

test.each([['retry'], ['calls'], ['deliveries'], ['activate']])(
  'switchhook %s .. is a mistake in the command line',
  async (name) => {
    await using server = await Receiver.start()
    const { status, stderr } = await runCommand([name, '..', '--url', server.origin])
    expect(status).toBe(2)
    expect(stderr).toContain('".." can not be asked for')
    expect(server.received).toEqual([])
  },
)
