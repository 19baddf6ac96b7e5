/**
 * `bin/switchhook.js` in made-up installations: which Node.js it takes, which files it loads, and that a process in
 * between is not noticed. The command line in these installations is a few lines that tell what they see.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const project = join(import.meta.dirname, '..', '..')
const oldNode = ['--import', join(import.meta.dirname, 'old-node.js')]
const oldNodeElsewhere = ['--import', `${new URL('./old-node.js', import.meta.url).href}?sparc`]

/** Does what its first argument says, and tells where it runs and with which arguments. */
const commandLine = (kind: string): string => `
  const [wish, value] = process.argv.slice(2)
  if (wish === 'wait') setInterval(() => undefined, 1000)
  if (wish === 'wait' && value !== undefined) process.on(value, () => process.exit(7))
  console.log(JSON.stringify({ kind: '${kind}', pid: process.pid, args: process.argv.slice(2) }))
  if (wish === 'exit') process.exitCode = Number(value)
`

let folder: string
let checkout: string
let installed: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchhook-shim-'))
  checkout = join(folder, 'checkout')
  installed = join(folder, 'node_modules', 'switchhook')
  for (const home of [checkout, installed]) {
    await cp(join(project, 'bin'), join(home, 'bin'), { recursive: true })
    await writeFile(join(home, 'package.json'), '{ "type": "module" }')
    for (const [file, kind] of [
      ['src/cli/main.ts', 'source'],
      ['dist/cli/main.js', 'compiled'],
    ] as const) {
      await mkdir(join(home, dirname(file)), { recursive: true })
      await writeFile(join(home, file), commandLine(kind))
    }
    await installNode(home)
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Puts the Node.js that runs this test where npm puts the packaged one. */
async function installNode(home: string): Promise<void> {
  const target = join(home, 'node_modules', `node-${process.platform}-${process.arch}`)
  await mkdir(join(target, 'bin'), { recursive: true })
  await writeFile(join(target, 'package.json'), '{}')
  await symlink(process.execPath, join(target, 'bin', 'node'))
}

function start(home: string, nodeArgs: readonly string[], args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, join(home, 'bin', 'switchhook.js'), ...args], { stdio: 'pipe' })
}

async function finish(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  const closed = once(child, 'close')
  const [out, err] = await Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')))
  await closed
  return { status: child.exitCode, out: out ?? '', err: err ?? '' }
}

/** Waits until the command line has told about itself. */
async function report(child: ChildProcess): Promise<{ pid: number }> {
  if (child.stdout === null) throw new Error('the output is not piped')
  const [line] = await once(child.stdout, 'data')
  return JSON.parse(String(line))
}

describe('the command', () => {
  test('loads the source in a checkout', async () => {
    const { out } = await finish(start(checkout, [], ['render', 'a b']))
    expect(JSON.parse(out)).toMatchObject({ kind: 'source', args: ['render', 'a b'] })
  })

  test('loads the compiled files in an installed package, which lies below node_modules', async () => {
    const { out } = await finish(start(installed, [], []))
    expect(JSON.parse(out)).toMatchObject({ kind: 'compiled', args: [] })
  })

  test('loads the compiled files where there is no source', async () => {
    const home = join(folder, 'unpacked')
    await cp(checkout, home, { recursive: true })
    await rm(join(home, 'src'), { recursive: true })
    const { out } = await finish(start(home, [], []))
    expect(JSON.parse(out)).toMatchObject({ kind: 'compiled' })
  })

  test('runs in the process that was started, where that is Node.js 24', async () => {
    const child = start(checkout, [], [])
    const { pid } = JSON.parse((await finish(child)).out)
    expect(pid).toBe(child.pid)
  })
})

describe('under an older Node.js the command', () => {
  test('runs under the packaged Node.js with the same arguments', async () => {
    const child = start(checkout, oldNode, ['render', 'a b', ''])
    const { out, err } = await finish(child)
    expect(JSON.parse(out)).toMatchObject({ kind: 'source', args: ['render', 'a b', ''] })
    expect(JSON.parse(out).pid).not.toBe(child.pid)
    expect(err).toBe('')
  })

  test.each([0, 1, 2, 78])('passes the exit status %i on', async (status) => {
    expect((await finish(start(checkout, oldNode, ['exit', String(status)]))).status).toBe(status)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)('passes %s on', async (signal) => {
    const child = start(checkout, oldNode, ['wait'])
    await report(child)
    child.kill(signal)
    const { status } = await finish(child)
    expect(status).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGUSR2: 140 }[signal])
  })

  test('passes on the status of a command line that ends itself at a signal', async () => {
    const child = start(checkout, oldNode, ['wait', 'SIGTERM'])
    await report(child)
    child.kill('SIGTERM')
    expect((await finish(child)).status).toBe(7)
  })

  test('leaves nothing behind when it is killed', async () => {
    const child = start(checkout, oldNode, ['wait'])
    await report(child)
    child.kill('SIGKILL')
    // Ends only when the pipes close, which the last process that holds them does by its own end.
    await finish(child)
    expect(child.signalCode).toBe('SIGKILL')
  })

  test('says what to install where there is none, with status 78', async () => {
    const { status, out, err } = await finish(start(checkout, oldNodeElsewhere, ['--version']))
    expect(status).toBe(78)
    expect(out).toBe('')
    expect(err).toMatch(/needs Node\.js 24 or newer, but this is v20\.19\.0\. Install it from /)
  })
})
