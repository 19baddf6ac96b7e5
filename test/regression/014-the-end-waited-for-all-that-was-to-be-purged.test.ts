/** Closing the engine waited until maintenance had forgotten whatever was to be forgotten, however much that was. */
import { expect, test } from 'vitest'
import type { ControlCommand } from '../../src/outbox/contract.ts'
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { startEngine } from './engine-world.ts'

/** There is always one more step to purge. */
class EndlessOutbox extends MemoryOutbox {
  readonly purged = Promise.withResolvers<void>()

  override async control(command: ControlCommand): Promise<number> {
    if (command.kind !== 'purge') return super.control(command)
    this.purged.resolve()
    return command.limit
  }
}

test('the engine closes in the middle of maintenance', async () => {
  const outbox = new EndlessOutbox()
  const { engine } = startEngine('webhooks: []', { outbox })
  await outbox.purged.promise
  await expect(engine.close(0)).resolves.toBeUndefined()
})
