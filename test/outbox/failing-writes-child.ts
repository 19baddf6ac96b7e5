/**
 * A process of its own whose embedded store is refused every write, 300 times, and then none; lmdb tells of writes that
 * failed on the standard error output of its process. Argument: the store's folder.
 */
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbeddedOutbox } from '../../src/outbox/embedded/open.ts'
import { event } from '../contract/outbox-world.ts'

const [folder = ''] = process.argv.slice(2)
const outbox = await openEmbeddedOutbox({ path: folder, reserveBytes: 0 })
await outbox.accept([event('before', ['crm:before'])])
spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=0:'])
let refused = 0
for (let number = 0; number < 300; number += 1) {
  await outbox.accept([event(`e-${number}`, [`crm:${number}`])]).catch(() => {
    refused += 1
  })
}
spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:'])
while (!outbox.health().isWritable) await sleep(20)
const [verdict] = await outbox.accept([event('after', ['crm:after'])])
await outbox.close()
process.stdout.write(`refused ${refused}, then ${verdict}\n`)
