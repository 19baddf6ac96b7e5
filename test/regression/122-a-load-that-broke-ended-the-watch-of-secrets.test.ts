/**
 * A load that broke, because its process hung in the file of a secret for example, told the configuration's own file as all that it
 * had read. The files of secrets were watched no more, and when the one that had hung was mended, nothing was reloaded.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Reloading } from '../../src/cli/reloading.ts'
import { loadConfigFile } from '../../src/config/load.ts'
import { loadConfigBeside } from '../../src/config/load-beside.ts'
import { createLog } from '../../src/logging/log.ts'
import { startService } from '../../src/service.ts'

const CONFIGURATION = `
listen: { port: 0 }
store: { engine: memory }
workers: 0
auth: { tokens: [ { name: r, secret: { file: reader.secret }, may: [read] } ] }
webhooks: [ { id: w, profile: custom, on: [call.end], url: 'https://a.example' } ]`

/** A service that reloads; `limits.ms` is the longest that a load may take. */
async function startReloading(file: string, limits: { readonly ms: number }) {
  const loaded = await loadConfigFile(file, {})
  if (loaded.kind === 'refused') throw new Error('the configuration is refused')
  const log = createLog({ write: () => undefined })
  const service = await startService({ config: loaded.config, version: '1.2.3', log })
  onTestFinished(() => service.close(0))
  const ended: string[] = []
  const reloading = new Reloading({
    service,
    running: loaded.config,
    files: loaded.files,
    load: () => loadConfigBeside(file, {}, { limitMs: limits.ms }),
    complete: (config) => config,
    log,
    manager: { reloading: () => undefined, ready: (status) => ended.push(status) },
  })
  onTestFinished(() => reloading.close())
  return { url: service.url, ended }
}

async function statusFor(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/v1/stats`, { headers: { authorization: `Bearer ${token}` } })).status
}

test('the file of a secret that a load hung in is reloaded when it is mended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-watched-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'switchhook.yaml')
  const secret = join(folder, 'reader.secret')
  const next = join(folder, 'next.secret')
  await writeFile(secret, 'first-secret')
  await writeFile(file, CONFIGURATION)
  const limits = { ms: 1_000 }
  const { url, ended } = await startReloading(file, limits)

  execFileSync('mkfifo', [next])
  await rename(next, secret)
  await expect.poll(() => ended.at(-1)).toBe('the configuration was refused, 1 mistakes: the one before goes on')
  expect(await statusFor(url, 'first-secret')).toBe(200)

  limits.ms = 120_000
  await writeFile(next, 'second-secret')
  await rename(next, secret)
  await expect.poll(() => ended.at(-1)).toBe('the configuration was reloaded: 1 webhooks')
  expect(await statusFor(url, 'second-secret')).toBe(200)
})
