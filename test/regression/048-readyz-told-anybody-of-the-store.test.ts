/** `/readyz`, which needs no token, showed the store's own error, with paths of the machine in it. */
import { expect, test } from 'vitest'
import { run } from '../ingress/recording.ts'

test('anybody hears what is not ready, and nothing else of it', async () => {
  await using server = await run()
  server.engine.checks = [{ name: 'store', ready: false, detail: 'ENOSPC: /var/lib/switchhook/data.mdb' }]
  const text = await (await fetch(`${server.url}/readyz`)).text()
  expect(text).toContain('"detail":"Not ready: store"')
  expect(text).not.toMatch(/ENOSPC|var/)
})
