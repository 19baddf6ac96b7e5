#!/usr/bin/env node
// The `switchhook` command. Under Node.js 24 it loads the command line into this process: the TypeScript source in a
// checkout, the compiled files in an installed package (Node.js strips no types below node_modules). An older Node.js
// runs this file again under the packaged Node.js 24. Status 78 says that there is none.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { findNode24, missingNode24, relay } from './node24.js'

const node = findNode24()
if (node === undefined) {
  console.error(missingNode24())
  process.exitCode = 78
} else if (node === process.execPath) {
  dieWithRelay()
  keepCompiledCode()
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const isInstalled = source.pathname.includes('/node_modules/')
  await import(!isInstalled && existsSync(source) ? source.href : '../dist/cli/main.js')
} else {
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  process.exit(await relay(node, args, { ...process.env, SWITCHHOOK_RELAYED: '1' }))
}

/** Ends this process when the one that relays to it was killed: else a `kill -9` would leave a server behind. */
function dieWithRelay() {
  if (process.env.SWITCHHOOK_RELAYED === undefined) return
  delete process.env.SWITCHHOOK_RELAYED
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}

/**
 * Lets Node.js keep the compiled code of all modules for the next start, which then takes a third less. It is kept below
 * the package, where only those can write who could change the code itself; where nobody can, there is just none. Threads
 * look for it in the environment.
 */
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return
  const folder = fileURLToPath(new URL('../node_modules/.cache/switchhook', import.meta.url))
  const { status } = nodeModule.enableCompileCache(folder)
  if (status === nodeModule.constants.compileCacheStatus.ENABLED) process.env.NODE_COMPILE_CACHE = folder
}
