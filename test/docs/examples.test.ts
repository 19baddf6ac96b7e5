/**
 * Every code block of every page is run or checked: examples one after the other as they stand there, against a real engine
 * and a customers' server; configurations, files, commands and answers by what they are. A block that nobody looks at fails.
 */
import { describe, expect, test } from 'vitest'
import { usesOf } from './blocks.ts'
import { commandMistakes } from './command-lines.ts'
import { expectation } from './expectation.ts'
import { runPage } from './page-run.ts'
import { PAGES, WALK_THROUGH } from './pages.ts'

test.each(PAGES.filter((page) => page !== WALK_THROUGH))(
  'every block of %s does what the page says',
  async (page) => {
    await runPage(page)
  },
  120_000,
)

describe('a block', () => {
  test('is an example where it says so, and JSON right below it is what it prints', () => {
    const page = ['```sh runnable', 'a', 'b', '```', '', '```json', '{"c":1}', '```', '```sh', 'd', '```']
    expect(usesOf([...page, '```sh runnable', 'e', '```', '', 'f', '', '```json', '{}', '```'].join('\n'))).toEqual([
      { line: 1, info: 'sh runnable', text: 'a\nb', use: { kind: 'run', isEventual: false, prints: '{"c":1}' } },
      { line: 6, info: 'json', text: '{"c":1}', use: { kind: 'printed' } },
      { line: 9, info: 'sh', text: 'd', use: { kind: 'commands' } },
      { line: 12, info: 'sh runnable', text: 'e', use: { kind: 'run', isEventual: false, prints: undefined } },
      { line: 18, info: 'json', text: '{}', use: { kind: 'none' } },
    ])
  })

  test('is of commands where it is indented', () => {
    expect(usesOf('a\n\n    npm test\n    npm run lint\n\nb')).toEqual([
      { line: 3, info: 'sh', text: 'npm test\nnpm run lint', use: { kind: 'commands' } },
    ])
  })

  test.each([
    ['yaml switchhook.yaml', { kind: 'configuration' }],
    ['yaml checked', { kind: 'checked' }],
    ['json event.json', { kind: 'file', name: 'event.json' }],
    ['json events.ndjson', { kind: 'file', name: 'events.ndjson' }],
    ['js otel.js', { kind: 'file', name: 'otel.js' }],
    ['json logged', { kind: 'logged' }],
    ['xml answer', { kind: 'answer', type: 'text/xml' }],
    ['http', { kind: 'received' }],
    ['ts src/profiles/a.ts', { kind: 'source', path: 'src/profiles/a.ts', isDiff: false }],
    ['diff src/profiles/a.ts', { kind: 'source', path: 'src/profiles/a.ts', isDiff: true }],
    ['text drawing', { kind: 'drawing' }],
    ['', { kind: 'none' }],
    ['yaml', { kind: 'none' }],
    ['json', { kind: 'none' }],
    ['ts', { kind: 'none' }],
    ['sh runnable twice', { kind: 'none' }],
    ['js answer', { kind: 'none' }],
  ])('with the words %j is for one thing', (info, use) => {
    expect(usesOf(`\`\`\`${info}\na\n\`\`\``)).toMatchObject([{ use }])
  })

  test('without an end is refused', () => {
    expect(() => usesOf('```sh\na')).toThrow('the block at line 1 has no end')
  })
})

describe('a command line', () => {
  test.each([
    'npm ci && npm run demo          # says what it does',
    'npm run experiment -- backlog',
    'npm install one @scope/other',
    'npm test -- test/power-cut',
    'export SWITCHHOOK_URL=http://127.0.0.1:8080 SWITCHHOOK_TOKEN=...',
    'switchhook sink --port 9099 --status 503 --delay 200ms',
    "switchhook trigger autoid call.end --data 'campaign_name=Sales Campaign'",
    'switchhook serve --config switchhook.yaml &',
    '.ci/run',
  ])('may be %j', async (line) => {
    expect(await commandMistakes(line)).toEqual([])
  })

  test.each([
    ['npm run nothing', 'npm run nothing is no script of package.json'],
    ['npm run experiment -- nothing', 'there is no experiment nothing'],
    ['npm test -- test/nothing', 'there is no test/nothing'],
    ['switchhook ring', 'there is no command ring'],
    ['switchhook sink --prot 9099', expect.stringContaining('did you mean --port?')],
    ['switchhook invoke crm', expect.stringContaining('EVENT.json is missing')],
    ['npm install ../elsewhere', 'npm install takes names of packages'],
    ['wget x', 'nothing is known of wget'],
    ['export token', 'export token sets no variable'],
  ])('may not be %j', async (line, mistake) => {
    expect(await commandMistakes(line)).toEqual([mistake])
  })
})

test('in what a page says … stands for any value, and for any part of a text', () => {
  const page = { id: '…', list: ['a…c'], count: 1 }
  expect({ id: 7, list: ['a.b.c'], count: 1 }).toEqual(expectation(page))
  expect({ id: 7, list: ['a.b.d'], count: 1 }).not.toEqual(expectation(page))
  expect({ list: ['abc'], count: 1 }).not.toEqual(expectation(page))
})
