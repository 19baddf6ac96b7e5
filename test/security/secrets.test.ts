/**
 * Secrets and telephone numbers are planted everywhere, the real process is driven through success, failure, refusals, bad
 * configurations, reloads and a worker's crash, and then everything that it ever wrote is searched for them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { Receiver } from '../worker/receiver.ts'

const command = join(import.meta.dirname, '..', '..', manifest.bin.switchhook)

/** By what they are; none is a part of another or of anything that is meant to be shown. */
const SECRETS = {
  TOKEN: 'tok-Zq81xKpl',
  OTHER_TOKEN: 'tok-9WmVuTyr',
  SIGNING: `whsec_${Buffer.from('signing-Lq07vbnm').toString('base64')}`,
  NEW_SIGNING: 'signing-aa55KLop',
  HEADER: 'hdr-Pf62mNbv',
  ANALYTICS: 'api-Hs33QwEr',
  USER: 'usr-Jd58ZxCv',
  PASSWORD: 'pwd-Ty44BnMk',
  QUERY: 'qry-Re27FgHj',
  FILE: 'file-Uk19PoIu',
  UNUSED: 'env-Ws73LkJh',
  GUESSED: 'guess-Vb66MnBv',
}

/** Callers' numbers as switches write them. */
const NUMBERS = ['5551234567', '+1 (555) 765-4321', '+493012345678']

/** What a process wrote and was answered by it. */
class Running {
  readonly child: ChildProcess
  written = ''
  /** Answers of the API, but for `render`, which shows URLs as they are. */
  answered = ''
  rendered = ''

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.written += String(chunk)
      })
    }
  }

  get url(): string {
    return /listening at (\S+)/.exec(this.written)?.[1] ?? ''
  }

  /** Waits until it has written what matches. */
  async until(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.written, { interval: 20 }).toMatch(pattern)
  }

  async ask(method: string, path: string, body?: unknown, secret = SECRETS.TOKEN): Promise<string> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}\n`
    if (path.endsWith('/render')) this.rendered += text
    else this.answered += text
    return text
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    await ended
  }
}

function start(folder: string, args: readonly string[], options: readonly string[] = []): Running {
  const { TOKEN, OTHER_TOKEN, SIGNING, NEW_SIGNING, HEADER, ANALYTICS, UNUSED } = SECRETS
  const child = spawn(process.execPath, [...options, command, ...args], {
    cwd: folder,
    env: { ...process.env, TOKEN, OTHER_TOKEN, SIGNING, NEW_SIGNING, HEADER, ANALYTICS, UNUSED },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return new Running(child)
}

async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-secrets-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

function configFor(origin: string, more = ''): string {
  const secretUrl = (path: string) =>
    `${origin.replace('//', `//${SECRETS.USER}:${SECRETS.PASSWORD}@`)}${path}?key=${SECRETS.QUERY}`
  return `
listen: { port: 0 }
workers: 1
network: { allow: [127.0.0.0/8] }
auth:
  tokens:
    - { name: everything, secret: { env: TOKEN }, may: [send, invoke, read, manage] }
    - { name: sender, secret: { env: OTHER_TOKEN }, may: [send], rate: 1/h }
webhooks:
  - id: good
    profile: custom
    on: [call.end]
    url: '${secretUrl('/good')}'
    body: '{"from": "%ani%"}'
    signing: { secret: { env: SIGNING } }
    headers: [ { name: X-Key, value: { env: HEADER } }, { name: X-File, value: { file: key.txt } } ]
  - { id: failing, profile: custom, on: [call.end], url: '${secretUrl('/failing')}', retry: { schedule: [0s] }, circuit: off, body: '%ani%' }
  - { id: gone, profile: custom, on: [call.end], url: '${secretUrl('/gone')}', body: '%ani%' }
  - { id: refused, profile: custom, on: [call.end], url: 'http://${SECRETS.USER}:${SECRETS.PASSWORD}@127.0.0.1:9/%ani%?key=${SECRETS.QUERY}', retry: { schedule: [0s] }, circuit: off }
  - { id: unknown, profile: custom, on: [call.end], url: 'http://${SECRETS.USER}:${SECRETS.PASSWORD}@nowhere.invalid/?key=${SECRETS.QUERY}', retry: { schedule: [0s] } }
  - { id: measured, profile: dialogtech-post-call, url: '${secretUrl('/measured')}', option: google-analytics, measurementId: G-1, apiSecret: { env: ANALYTICS } }
${more}`
}

/** Runs before the command: on SIGUSR2 each worker thread fails with a message that holds what it should not. */
const CRASHING = `data:text/javascript,${encodeURIComponent(`
  const message = ${JSON.stringify(`${SECRETS.HEADER} http://u:p@h/?k=${SECRETS.QUERY} ${NUMBERS.join(' ')} ${SECRETS.SIGNING}`)}
  process.on('worker', (worker) => process.on('SIGUSR2', () => { worker.emit('error', new Error(message)); worker.terminate() }))
`)}`

function expectClean(text: string, but: readonly string[] = []): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (but.includes(name)) continue
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(
        text.includes(form),
        `${name} stands in ${text.slice(Math.max(0, text.indexOf(form) - 300)).slice(0, 600)}`,
      ).toBe(false)
    }
  }
  const pair = Buffer.from(`${SECRETS.USER}:${SECRETS.PASSWORD}`).toString('base64')
  expect(text).not.toContain(pair)
}

function expectNoNumbers(text: string): void {
  for (const number of NUMBERS) expect(text).not.toContain(number)
  expect(text.replaceAll(/[ ().-]/g, '')).not.toMatch(/5551234567|5557654321|493012345678/)
}

test.each(['memory', 'embedded'])(
  'a process that has seen everything has written no secret and no number (store %s)',
  { timeout: 120_000 },
  async (engine) => {
    await using receiver = await Receiver.start()
    receiver.answer = ({ url }, response) => {
      response.statusCode = url.startsWith('/failing') ? 500 : url.startsWith('/gone') ? 410 : 200
      response.end('answered')
    }
    const folder = await makeFolder({
      'switchhook.yaml': configFor(receiver.origin, `store: { engine: ${engine} }`),
      'key.txt': SECRETS.FILE,
    })
    const running = start(folder, ['serve'], ['--import', CRASHING])
    await running.until(/listening at /)

    const ids = ['good', 'failing', 'gone', 'refused', 'unknown', 'measured']
    for (const ani of NUMBERS) {
      await running.ask('POST', '/v1/events', { type: 'call.end', subject: ani, data: { ani, called_number: ani } })
      for (const id of ids) {
        await running.ask('POST', `/v1/webhooks/${id}/invoke`, { data: { ani } })
        await running.ask('POST', `/v1/webhooks/${id}/render`, { type: 'call.end', data: { ani } })
      }
    }
    await receiver.until(() => receiver.received.some(({ url }) => url.startsWith('/measured')))
    await running.until(/410 Gone/)

    // Refusals of every kind.
    for (const secret of [SECRETS.GUESSED, SECRETS.OTHER_TOKEN, SECRETS.OTHER_TOKEN, `${SECRETS.TOKEN}x`]) {
      await running.ask('GET', '/v1/stats', undefined, secret)
    }
    await running.ask('POST', '/v1/events', '{"type":')
    await running.ask('POST', '/v1/events', { ani: NUMBERS[0] })
    await running.ask('GET', `/v1/webhooks/good/invoke?time=${encodeURIComponent(NUMBERS[1] ?? '')}`)
    await running.ask('POST', '/v1/webhooks/nope/invoke', {})
    await running.ask('POST', '/v1/webhooks/failing/deactivate')
    await running.ask('POST', '/v1/webhooks/failing/replay', {})
    await running.ask('POST', '/v1/erase', { number: NUMBERS[0] })

    // A worker's crash, reloads that are fine and reloads that are not.
    running.child.kill('SIGUSR2')
    await running.until(/worker died|worker is replaced|replaced/)
    const config = join(folder, 'switchhook.yaml')
    const rotated = configFor(receiver.origin, `store: { engine: ${engine} }`).replace(
      'env: SIGNING',
      'env: NEW_SIGNING',
    )
    await writeFile(config, rotated)
    running.child.kill('SIGHUP')
    await running.until(/configuration was reloaded/)
    await writeFile(config, configFor(receiver.origin, `${badWebhooks()}store: { engine: ${engine} }`))
    running.child.kill('SIGHUP')
    await running.until(/configuration was refused/)

    for (const path of ['/v1/stats', '/metrics', '/v1/catalog', '/v1/deliveries', '/healthz', '/readyz']) {
      await running.ask('GET', path)
    }
    const listed = await running.ask('GET', '/v1/deliveries?limit=1000')
    for (const [, id = ''] of listed.matchAll(/"id":"([0-9A-Za-z-]{20,})"/g))
      await running.ask('GET', `/v1/deliveries/${id}`)
    await running.stop()

    // The customers' servers were sent what nobody else may see.
    const sent = JSON.stringify(receiver.received)
    for (const secret of [SECRETS.HEADER, SECRETS.FILE, SECRETS.ANALYTICS, SECRETS.QUERY])
      expect(sent).toContain(secret)
    expect(running.rendered).toMatch(/"x-key":"\[secret\]"/)
    expectClean(running.written)
    expectNoNumbers(running.written)
    expectClean(running.answered)
    // A URL's query is shown where the request itself is.
    expectClean(running.rendered, ['QUERY'])
  },
)

/** Webhooks with mistakes whose values hold secrets. */
function badWebhooks(): string {
  const { USER, PASSWORD, QUERY, FILE, UNUSED } = SECRETS
  return `
  - { id: bad-1, profile: custom, url: 'ftp://${USER}:${PASSWORD}@h/?key=${QUERY}', body: '' }
  - { id: bad-2, profile: custom, url: 'https://${USER}:${PASSWORD}@h h/?key=${QUERY}' }
  - { id: bad-3, profile: custom, url: 'https://${USER}:${PASSWORD}@h/', method: 'https://${USER}:${PASSWORD}@h/?key=${QUERY}' }
  - { id: bad-4, profile: custom, url: 'https://h/', signing: { secret: ${FILE} } }
  - { id: bad-5, profile: custom, url: 'https://h/', signing: { secrets: [ ${FILE} ] } }
  - { id: bad-6, profile: custom, url: 'https://h/', signing: { secret: { env: NOT_SET } } }
  - { id: bad-7, profile: custom, url: 'https://h/', headers: [ { name: X, value: { env: UNUSED, secret: ${UNUSED} } } ] }
  - { id: bad-8, profile: custom, url: 'https://%ani%:${PASSWORD}@h/' }
  - { id: bad-9, profile: custom, url: 'https://${USER}:${PASSWORD}@/?key=${QUERY}', fallback: { url: 'x://${USER}:${PASSWORD}@h?key=${QUERY}' } }
`
}

describe('a configuration with mistakes', () => {
  test.each([
    ['serve', ['serve']],
    ['check', ['check']],
  ])('at %s is told without what its values hide', async (_name, args) => {
    const text = configFor('http://127.0.0.1:9', badWebhooks())
    const folder = await makeFolder({ 'switchhook.yaml': text, 'key.txt': SECRETS.FILE })
    const running = start(folder, args)
    const [status] = await once(running.child, 'close')
    expect(status).toBe(2)
    expect(running.written.match(/webhooks\.\d+/g)?.length).toBeGreaterThanOrEqual(9)
    expectClean(running.written)
  })

  test('whose secret is a number is told without it', async () => {
    const folder = await makeFolder({
      'switchhook.yaml': 'auth: { tokens: [ { name: a, secret: 83920174655, may: [send] } ] }',
    })
    const running = start(folder, ['check'])
    await once(running.child, 'close')
    expect(running.written).toMatch(/secret: .*\{ env: NAME \}/)
    expect(running.written).not.toContain('83920174655')
  })
})
