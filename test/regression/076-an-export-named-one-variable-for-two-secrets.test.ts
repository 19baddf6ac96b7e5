/**
 * An export gave a hidden secret the name of a variable that the file had a reference to already, from an export before: two secrets
 * under one name, of which the environment still held the old one, and `check` found nothing wrong.
 */
import { expect, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { feed, startManaged } from '../management/management-world.ts'

const NAME = 'SWITCHHOOK_WEBHOOK_A_B_SIGNING_SECRET'
const SECRET = 'whsec_cGxhbnRlZC1zaWduaW5n'

test.each(['a-b', 'a_b'])('a variable that the file names is left to it when the API has %s', async (id) => {
  const { ask, url } = await startManaged(
    `webhooks:
  - { id: a-b, profile: custom, url: 'http://127.0.0.1:9', signing: { secret: { env: ${NAME} } } }
  - { id: other, profile: custom, url: 'http://127.0.0.1:9', headers: { x: { env: ${NAME} } } }`,
    { [NAME]: SECRET },
  )
  await ask('PUT', `/v1/webhooks/${id}`, feed('http://127.0.0.1:9', { signing: { secret: SECRET } }))
  const { placeholders } = await new SwitchhookClient({ url }).export()
  expect(placeholders.map(({ variable }) => variable)).toEqual([`${NAME}_2`])
})
