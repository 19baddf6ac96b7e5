/** The memory outbox shows the same as the model, whatever is done to it. */
import { MemoryOutbox } from '../../src/outbox/memory/memory.ts'
import { describeOutboxProperty } from '../contract/outbox-property.ts'

describeOutboxProperty('memory', async () => new MemoryOutbox())
