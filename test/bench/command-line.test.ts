/**
 * The command line: last good and first bad value of each option, and what is said about bad ones.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { BENCHES } from '../../bench/benches.ts'
import { readOptions } from '../../bench/command-line.ts'

function read(...args: readonly string[]): { readonly options: ReturnType<typeof readOptions>; readonly said: string } {
  let said = ''
  const take = (text: string | Uint8Array): boolean => {
    said += String(text)
    return true
  }
  vi.spyOn(process.stderr, 'write').mockImplementation(take)
  vi.spyOn(process.stdout, 'write').mockImplementation(take)
  return { options: readOptions(args, BENCHES, 'bench'), said }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the command line', () => {
  test.each([
    { args: [], found: { only: [], size: 'full', wishes: {}, json: '', plot: '', write: '' } },
    { args: ['--quick'], found: { size: 'check' } },
    {
      args: ['--shortest', '--only', 'functions', '--only', 'soak'],
      found: { size: 'shortest', only: ['functions', 'soak'] },
    },
    { args: ['--rounds', '1'], found: { wishes: { rounds: 1 } } },
    { args: ['--rounds', '1000'], found: { wishes: { rounds: 1000 } } },
    { args: ['--rate', '1000000'], found: { wishes: { perSecond: 1_000_000 } } },
    { args: ['--duration', '100ms'], found: { wishes: { sliceMs: 100 } } },
    { args: ['--soak', '24h'], found: { wishes: { soakMs: 86_400_000 } } },
    { args: ['--json', 'a', '--plot', 'b', '--write', 'c'], found: { json: 'a', plot: 'b', write: 'c' } },
  ])('takes $args', ({ args, found }) => {
    expect(read(...args)).toMatchObject({ options: found, said: '' })
  })

  test.each([
    { args: ['--rounds', '0'], message: '--rounds 0: expected a whole number from 1 to 1000' },
    { args: ['--rounds', '1001'], message: 'from 1 to 1000' },
    { args: ['--rate', '1000001'], message: 'from 1 to 1000000' },
    { args: ['--duration', '99ms'], message: '--duration 99ms: expected a time from 100ms to 24h' },
    { args: ['--soak', '25h'], message: 'expected a time from 100ms to 24h' },
    { args: ['--soak', 'long'], message: 'such as 500ms, 5s or 10m' },
    { args: ['--only', 'all'], message: '--only all: expected one of functions, deliveries' },
    { args: ['--fast'], message: '--fast' },
    { args: ['functions'], message: 'functions' },
  ])('refuses $args with status 2', ({ args, message }) => {
    const { options, said } = read(...args)
    expect(options).toBe(2)
    expect(said).toContain(message)
    expect(said).toContain('Usage: npm run bench -- [options]')
  })

  test('lists every bench', () => {
    const { options, said } = read('--help')
    expect(options).toBe(0)
    for (const { name } of BENCHES) expect(said).toContain(`\n  ${name} `)
  })
})
