/**
 * Packs the package, installs it in an empty folder as a user would, and checks what the user gets: no Node.js in the
 * baggage, no source, a module to import, a command that delivers an event from a worker thread, and first steps that lead
 * somewhere. Run with `npm run packed-install`, so that the installed command finds Node.js 24. Packages come from npm's
 * cache where they are in it.
 */
import { strictEqual } from 'node:assert'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { followNewcomer } from './newcomer.ts'

const project = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'switchhook-packed-'))
try {
  const tarball = pack()
  install(tarball)
  checkContents()
  checkCommand()
  checkModule()
  await checkDelivery()
  await checkNewcomer()
  console.log(`${tarball} installs and runs`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function pack(): string {
  run(project, 'npm', ['pack', '--pack-destination', folder])
  const [tarball, ...others] = readdirSync(folder)
  if (tarball === undefined || others.length > 0) throw new Error(`npm pack left ${readdirSync(folder).length} files`)
  return tarball
}

function install(tarball: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  run(folder, 'npm', ['install', `./${tarball}`, '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'])
}

function checkContents(): void {
  const packages = readdirSync(join(folder, 'node_modules'))
  strictEqual(
    packages.filter((name) => /^node-(linux|darwin|win)-/.test(name)).join(),
    '',
    'a whole Node.js was installed as well',
  )
  const files = readdirSync(join(folder, 'node_modules', 'switchhook'), { recursive: true, encoding: 'utf8' })
  strictEqual(files.filter((path) => path.startsWith('src')).join(), '', 'source was packed')
}

function checkCommand(): void {
  const manifest: { version: string } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  strictEqual(run(folder, 'npx', ['--no-install', 'switchhook', '--version']).trim(), manifest.version)
}

function checkModule(): void {
  const program = "const { startService } = await import('switchhook'); console.log(typeof startService)"
  strictEqual(run(folder, process.execPath, ['--input-type=module', '--eval', program]).trim(), 'function')
  const client = "const { SwitchhookClient } = await import('switchhook/client'); console.log(typeof SwitchhookClient)"
  strictEqual(run(folder, process.execPath, ['--input-type=module', '--eval', client]).trim(), 'function')
}

/** Has the installed command deliver one event, sent compressed, to a receiver, from a worker thread, and stop in order. */
async function checkDelivery(): Promise<void> {
  const receiver = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  writeFileSync(join(folder, 'switchhook.yaml'), configurationFor(receiver))
  // Not by npx: a signal would end npx and leave the server behind.
  const command = join(folder, 'node_modules', 'switchhook', 'bin', 'switchhook.js')
  const server = spawn(process.execPath, [command, 'serve', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  try {
    const url = await Promise.race([readUrl(server.stdout), ended.then(() => Promise.reject(new Error('serve ended')))])
    const received = once(receiver, 'request', { signal: AbortSignal.timeout(60_000) })
    const body = JSON.stringify({ type: 'call.end', subject: 'call-1', data: { phone: '8005550001' } })
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'content-encoding': 'gzip' },
      body: gzipSync(body),
    })
    strictEqual(answer.status, 202, await answer.text())
    const [request] = await received
    strictEqual(request.url, '/calls?phone=8005550001')
    const document = await fetch(`${url}/openapi.json`)
    strictEqual(document.status, 200, await document.text())
  } finally {
    server.kill('SIGTERM')
    receiver.close()
  }
  const [status] = await ended
  strictEqual(status, 0, 'serve did not stop in order')
}

/** Has somebody who knows nothing follow what the installed commands print, in a folder of their own beside the package. */
async function checkNewcomer(): Promise<void> {
  const own = mkdtempSync(join(folder, 'newcomer-'))
  const path = [join(folder, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  const seen = await followNewcomer({ folder: own, path }, '--profile custom --token')
  console.log(seen.commands.map((line) => `$ ${line}`).join('\n'))
  const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(own, 'switchhook.yaml'), 'utf8')) ?? []
  strictEqual(existsSync(resolve(own, schema)), true, `there is no JSON Schema at ${schema}`)
  strictEqual(/ delivered +first /.test(seen.printed.get('deliveries') ?? ''), true, 'nothing was delivered')
  strictEqual([...seen.statuses.values()].join(), '0,0,0', 'a command did not end in order')
}

function configurationFor(receiver: Server): string {
  const address = receiver.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  const webhook = {
    id: 'receiver',
    profile: 'custom',
    on: ['call.end'],
    method: 'GET',
    url: `http://127.0.0.1:${address.port}/calls`,
    params: { phone: 'phone' },
  }
  // JSON is YAML.
  return JSON.stringify({
    workers: 1,
    store: { engine: 'embedded', path: './data', minFree: '0B' },
    network: { allow: ['127.0.0.0/8'] },
    dataPoints: [{ name: 'phone', description: 'The number that was called', example: '8005550001' }],
    webhooks: [webhook],
  })
}

/** The address from the line that `serve` prints when it listens. */
async function readUrl(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url !== undefined) return url
  }
  throw new Error('serve never said where it listens')
}

function run(cwd: string, command: string, args: readonly string[]): string {
  console.log(`$ ${command} ${args.join(' ')}`)
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
