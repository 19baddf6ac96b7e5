/**
 * The secret of a file ends before its last line feed, but that of a variable did not: one that came with a line feed, as Kubernetes
 * often hands it over, was loaded without a word, and no request could ever show that token.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'

/** The token that comes of `text` in a variable and in a file, or the mistake. */
function tokensOf(text: string): readonly (string | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'TOKEN'), text)
  return ['env', 'file'].map((form) => {
    const tokens = `auth: { tokens: [ { name: a, secret: { ${form}: TOKEN }, may: [read] } ] }`
    const loaded = parseConfig(tokens, join(folder, 'switchhook.yaml'), { TOKEN: text })
    return loaded.kind === 'loaded' ? loaded.config.tokens[0]?.secret : loaded.issues[0]?.message
  })
}

test.each(['s3cret', 's3cret\n', 's3cret\r\n', '\n\t s3cret \n\n', '\ufeffs3cret'])(
  '%j holds the same secret, whether a variable has it or a file',
  (text) => {
    expect(tokensOf(text)).toEqual(['s3cret', 's3cret'])
  },
)

test('blanks within a secret belong to it', () => {
  expect(tokensOf(' two  words\n')).toEqual(['two  words', 'two  words'])
})

test.each(['', '\n', ' \r\n\t'])('%j holds none', (text) => {
  expect(tokensOf(text)).toEqual([
    'the variable TOKEN is empty: a secret is expected',
    'TOKEN is empty: a secret is expected',
  ])
})
