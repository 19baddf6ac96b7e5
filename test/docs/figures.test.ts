/** The README's figures are those of the pages that tell how they were measured, and each has a command that there is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandMistakes } from './command-lines.ts'
import { ROOT } from './pages.ts'

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

const SOURCES = ['docs/reliability.md', 'docs/performance.md', 'SECURITY.md'].map(read).join('')

const [, section = ''] = read('README.md').split('## Figures\n')
const ROWS = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (.*) \| (.*) \| `(.*)` \|$/gm)]

test.each(ROWS.map(([, done = '', result = '', command = '']) => ({ done, result, command })))(
  'the figures of «$done» are measured ones',
  async ({ done, result, command }) => {
    const numbers = `${done} ${result}`.match(/\d[\d,.]*\d/g) ?? []
    expect(numbers.filter((number) => !SOURCES.includes(number))).toEqual([])
    expect(await commandMistakes(command)).toEqual([])
  },
)

test('there are some', () => {
  expect(ROWS.length).toBeGreaterThan(5)
})
