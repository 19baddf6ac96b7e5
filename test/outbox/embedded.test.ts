/** The embedded outbox keeps the contract. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { describeOutbox } from '../contract/outbox.ts'

const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

describeOutbox('embedded', async () => {
  const path = await mkdtemp(join(tmpdir(), 'switchhook-store-'))
  folders.push(path)
  return await openEmbeddedOutbox({ path })
})
