/**
 * A `traceparent` of a later version than ours was taken by the ingress where it had our length, and began a new trace in the engine;
 * where it said more it was dropped at once. What all versions have is continued (W3C Trace Context, 3.2.4).
 */
import { expect, test } from 'vitest'
import { post, run } from '../ingress/recording.ts'

const IDS = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'

test.each([
  ['of a later version', `01-${IDS}-01`, `00-${IDS}-01`],
  ['of a later version that says more', `cc-${IDS}-01-what-the-future-will-be-like`, `00-${IDS}-01`],
  ['with flags of a later version', `01-${IDS}-06`, `00-${IDS}-00`],
  ['of the version that is none', `ff-${IDS}-01`, ''],
])('a trace %s goes on as far as it is understood', async (_, received, continued) => {
  await using server = await run()
  const event = { type: 'call.end', traceparent: received }
  await post(`${server.url}/v1/events`, 'application/json', JSON.stringify(event))
  await post(`${server.url}/v1/events`, 'application/json', '{"type":"call.end"}', { traceparent: received })
  expect(server.engine.accepted.map(({ traceparent }) => traceparent)).toEqual([continued, continued])
})
