/** The embedded outbox shows the same as the model, whatever is done to it, through crashes and restarts. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { MARKER_FILE } from '../../src/outbox/embedded/files/data-file.ts'
import { DATA_FILE } from '../../src/outbox/embedded/files/tables.ts'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import type { EmbeddedOutbox } from '../../src/outbox/embedded/outbox.ts'
import { describeOutboxProperty } from '../contract/outbox-property.ts'

/** So little in memory that most runs read from disk. */
const BOUNDS = { inMemory: 24, inMemoryPerWebhook: 8 }

const opened = new Map<unknown, { readonly outbox: EmbeddedOutbox; readonly path: string }>()
const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function open(path: string): Promise<EmbeddedOutbox> {
  const outbox = await openEmbeddedOutbox({ path, ...BOUNDS })
  opened.set(outbox, { outbox, path })
  return outbox
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-store-'))
  folders.push(folder)
  return folder
}

describeOutboxProperty(
  'embedded',
  async () => await open(await newFolder()),
  async (old, how) => {
    const known = opened.get(old)
    if (known === undefined) throw new Error('this outbox was not opened here')
    opened.delete(old)
    if (how === 'close') return await open(known.path)
    // What a process that is killed leaves behind: the file as it is, and nothing of what is in memory.
    const folder = await newFolder()
    for (const file of [DATA_FILE, MARKER_FILE]) await copyFile(join(known.path, file), join(folder, file))
    await known.outbox.close()
    return await open(folder)
  },
  60,
)
