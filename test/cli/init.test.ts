/** `switchhook init` as a process: what it writes passes `check`, whatever was answered, and nothing is overwritten. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FirstAnswers, firstConfig, nextCommands } from '../../src/cli/first-config.ts'
import { FIRST_WEBHOOKS } from '../../src/cli/first-webhooks.ts'
import { parseConfig } from '../../src/config/load.ts'
import { PROFILES } from '../../src/profiles/profiles.ts'
import { COMMAND, runCommand } from './run-command.ts'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-init-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const ANSWERS: FirstAnswers = {
  profile: 'custom',
  url: 'https://crm.example.com/leads?key=k1',
  account: 'default',
  port: 8080,
  tokenFile: undefined,
}

/** Warnings of what is written for these answers; fails where it can't be used. */
function warningsOf(answers: Partial<FirstAnswers>): readonly string[] {
  const loaded = parseConfig(firstConfig({ ...ANSWERS, ...answers }, './schema.json'), '/nowhere/f', {})
  expect(loaded.kind === 'refused' ? loaded.issues : []).toEqual([])
  return loaded.warnings.map(({ path, message }) => `${path}: ${message}`)
}

const NO_TOKENS = 'auth: there are no tokens: only this machine may call the API'

describe('a first configuration', () => {
  test('is offered for profiles that there are', () => {
    const known = PROFILES.map(({ id }) => id)
    expect([...FIRST_WEBHOOKS.keys()].filter((id) => !known.includes(id))).toEqual([])
    expect(FIRST_WEBHOOKS.size).toBeGreaterThanOrEqual(7)
  })

  test.each([...FIRST_WEBHOOKS.keys()])(
    'of %s can be used, and warns of nothing but that there are no tokens',
    (profile) => {
      expect(warningsOf({ profile })).toEqual([NO_TOKENS])
      expect(warningsOf({ profile, account: 'acme: "west", #1' })).toEqual([NO_TOKENS])
    },
  )

  test.each([
    ['http://127.0.0.1:9099/calls', '127.0.0.0/8'],
    ['http://localhost/', '127.0.0.0/8'],
    ['https://10.1.2.3/x', '10.1.2.3/32'],
    ['https://172.16.0.1/x', '172.16.0.1/32'],
    ['https://172.32.0.1/x', undefined],
    ['https://192.168.7.8:8443/', '192.168.7.8/32'],
    ['http://[::1]:9099/', '::1/128'],
    ['https://[fd00::1]/', 'fd00::1/128'],
    ['https://crm.example.com/', undefined],
  ])('lets %s be reached', (url, allowed) => {
    const loaded = parseConfig(firstConfig({ ...ANSWERS, url }, ''), '/nowhere/f', {})
    expect(loaded.kind === 'loaded' && loaded.config.network.allow).toEqual(allowed === undefined ? [] : [allowed])
  })

  test('a server on this machine is no reason to be frightened', () => {
    expect(warningsOf({ url: 'http://localhost:9099/' })).toEqual([
      NO_TOKENS,
      'webhooks.0.url: http: sends call data unprotected: fine for trials on this machine, for any other server https: is expected',
    ])
  })

  test('is followed by commands that fit it', () => {
    const words = (answers: Partial<FirstAnswers>, file = 'switchhook.yaml') =>
      nextCommands({ ...ANSWERS, ...answers }, file).map((next) => next.words)
    expect(words({})).toEqual(['check', 'serve', 'tail', 'trigger custom call.end', 'deliveries'])
    expect(
      words(
        { profile: 'dialogtech-ivr', url: 'http://127.0.0.1:9099/', port: 8081, account: "joe's" },
        'my calls/switch.yaml',
      ),
    ).toEqual([
      "check 'my calls/switch.yaml'",
      "serve --config 'my calls/switch.yaml'",
      "sink --port 9099 --body 'Thank you for calling'",
      "tail --config 'my calls/switch.yaml'",
      "trigger dialogtech-ivr call.ivr --webhook first --account 'joe'\\''s' --config 'my calls/switch.yaml'",
      "calls --account 'joe'\\''s' --config 'my calls/switch.yaml'",
    ])
  })
})

describe('switchhook init', () => {
  test('writes what passes check, and says what comes next', async () => {
    const cwd = emptyFolder()
    const { status, stdout, stderr } = await runCommand(['init', '--yes'], { cwd, env: { npm_command: '' } })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(
      /^switchhook\.yaml was written\. What comes next:\n\n {2}switchhook check +# is it right\?\n/,
    )
    expect(readFileSync(join(cwd, 'switchhook.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\S+\/schema\/switchhook\.schema\.json\n/,
    )
    const checked = await runCommand(['check'], { cwd })
    expect(checked).toMatchObject({
      status: 0,
      stdout: 'switchhook.yaml can be used: 1 webhook, 0 templates, 0 bindings\n',
    })
    const byNpx = await runCommand(['init', '--yes', '--force'], { cwd, env: { npm_command: 'exec' } })
    expect(byNpx.stdout).toContain('  npx switchhook check ')
  })

  test('overwrites nothing unless it is told to', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'own.yaml'), 'workers: 2\n')
    expect(await runCommand(['init', 'own.yaml', '--yes'], { cwd })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('own.yaml is there already: --force overwrites it'),
    })
    expect(readFileSync(join(cwd, 'own.yaml'), 'utf8')).toBe('workers: 2\n')
    expect(await runCommand(['init', 'own.yaml', '--yes', '--force'], { cwd })).toMatchObject({ status: 0 })
    expect((await runCommand(['check', 'own.yaml'], { cwd })).status).toBe(0)
  })

  test('makes a token that nobody else can read, keeps the one that is there, and says how it is used', async () => {
    const cwd = emptyFolder()
    const { stdout } = await runCommand(['init', '--yes', '--token'], { cwd })
    expect(stdout).toContain('  export SWITCHHOOK_TOKEN="$(cat switchhook.token)"')
    const file = join(cwd, 'switchhook.token')
    const token = readFileSync(file, 'utf8')
    expect(token).toMatch(/^[\w-]{32}\n$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await runCommand(['init', '--yes', '--token', '--force'], { cwd })
    expect(readFileSync(file, 'utf8')).toBe(token)
    expect((await runCommand(['check', '--format', 'json'], { cwd })).stdout).not.toContain('no tokens')
  })

  test.each([
    [[], 'nobody can be asked here: --profile PROFILE is missing, or --yes for the defaults'],
    [['--profile', 'custom'], 'nobody can be asked here: --url URL is missing'],
    [['--yes', '--profile', 'costum'], '--profile "costum" is not known: did you mean custom?'],
    [['--yes', '--url', 'ftp://x/'], '--url "ftp://x/": a URL such as https://crm.example.com/leads is expected'],
    [['--yes', '--url', 'https://%ani%.example.com/'], '--url '],
    [['--yes', '--account', ''], '--account '],
    [['--yes', '--port', '0'], '--port "0" is not a whole number'],
    [['no/such/folder.yaml', '--yes'], "no/such/folder.yaml can't be written: "],
  ])('%j writes nothing', async (args, message) => {
    const cwd = emptyFolder()
    const { status, stderr, stdout } = await runCommand(['init', ...args], { cwd })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect((await runCommand(['check'], { cwd })).stderr).toContain("can't be read")
  })
})

/** Runs `init` on a real terminal, lent by `script` (bsdutils), and types each answer when it is asked for. */
async function answered(cwd: string, answers: readonly string[], ...args: readonly string[]): Promise<string> {
  const words = [process.execPath, COMMAND, 'init', ...args].map((word) => `'${word}'`).join(' ')
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env
  const env = { PATH, HOME, NODE_V8_COVERAGE, TERM: 'dumb', NO_COLOR: '1' }
  const child = spawn('script', ['-qec', words, '/dev/null'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  let next = 0
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
    const asked = said.match(/\[[^\]\n]*\] /g)?.length ?? 0
    for (; next < Math.min(asked, answers.length); next += 1) child.stdin.write(answers[next] ?? '')
  })
  await text(child.stdout)
  return said.replaceAll('\r', '')
}

describe('questions on a terminal', () => {
  test('are asked for what the options do not say, again until an answer is good', async () => {
    const cwd = emptyFolder()
    const answers = ['9\r', '2\r', 'crm\r', 'https://crm.example.com/\r', 'acme\r', '\r', 'perhaps\r', 'y\r']
    const said = await answered(cwd, answers)
    expect(said).toContain('a number from 1 to 7 is expected')
    expect(said).toContain('a URL such as https://crm.example.com/leads is expected')
    expect(said).toContain('yes or no is expected')
    expect(said).toContain('switchhook.yaml was written, and a token into switchhook.token. What comes next:')
    const written = readFileSync(join(cwd, 'switchhook.yaml'), 'utf8')
    expect(written).toContain('profile: autoid\n    url: "https://crm.example.com/"\n')
    expect(written).toContain('{ account: "acme", campaign: Sales Campaign, begin: [], end: [first] }')
    expect(written).toContain('port: 8080 }')
  })

  test('that nobody answers leave nothing behind', async () => {
    const cwd = emptyFolder()
    const said = await answered(cwd, ['\u0004'], '--profile', 'custom')
    expect(said).toContain('switchhook init: there was no answer, and nothing is written')
    const interrupted = await answered(cwd, ['\u0003'], '--profile', 'custom')
    expect(interrupted).toContain('there was no answer')
    expect((await runCommand(['check'], { cwd })).status).toBe(2)
  })
})
