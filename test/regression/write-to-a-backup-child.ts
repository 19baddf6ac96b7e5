/**
 * Makes a store of 60,000 events, backs it up, and accepts 3,000 events at once in the backup: they touch pages all over its
 * table of duplicate keys. Argument: an empty folder; the backup is left in it.
 */
import { join } from 'node:path'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { event } from '../contract/outbox-world.ts'

const [folder = ''] = process.argv.slice(2)
const TOGETHER = 3000
const events = (name: string) => Array.from({ length: TOGETHER }, (_, number) => event(`${name}-${number}`, []))

const store = await openEmbeddedOutbox({ path: join(folder, 'store'), reserveBytes: 0 })
for (let part = 0; part < 20; part += 1) await store.accept(events(`old-${part}`))
await store.backup(join(folder, 'backup'))
await store.close()
const backup = await openEmbeddedOutbox({ path: join(folder, 'backup'), reserveBytes: 0 })
const verdicts = await backup.accept(events('new'))
await backup.close()
process.stdout.write(`${verdicts.filter((verdict) => verdict === 'accepted').length} accepted\n`)
