/** For tests of what is left in memory. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Makes a full collection, which ends before this returns; finalizers run in a later turn of the loop. */
export const collectGarbage: () => void = runInNewContext('gc')
