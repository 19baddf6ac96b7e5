// Runs something of this checkout under Node.js 24, whichever Node.js was started: npm 11 puts the packaged one on the
// path of scripts, npm 10 does not. Plain JavaScript without dependencies, so that it runs on Node.js 20 as well. Used by
// `run.js` and `test.js` beside it.
import { delimiter, dirname } from 'node:path'
import { findNode24, missingNode24, relay } from '../bin/node24.js'

/** Runs Node.js 24 with these arguments and resolves to its exit status. What it starts finds the same Node.js first. */
export async function runUnderNode24(args) {
  const node = findNode24()
  if (node === undefined) {
    console.error(missingNode24())
    return 78
  }
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  return await relay(node, args, { ...process.env, PATH: path })
}
