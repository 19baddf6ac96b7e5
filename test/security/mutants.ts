/**
 * Real examples, damaged: bytes flipped, cut, doubled, spliced with another example, and hostile pieces put in. What every parser of
 * foreign bytes must keep while it reads them is checked here: it ends in bounded processor time, and no prototype gains a member.
 * Seeded; `FUZZ_MUTANTS` makes it longer, `FUZZ_SEED` other.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what templates are damaged with
import fc from 'fast-check'
import { expect } from 'vitest'

/** Mutants of each kind. */
export const MUTANTS: number = Number(process.env['FUZZ_MUTANTS'] ?? 4000)
export const SEED: number = Number(process.env['FUZZ_SEED'] ?? 20_190_328)

/** Most bytes of a mutant: as much as is read of an answer. */
const LIMIT_BYTES = 65_536

/** Processor time for one mutant, far above what any takes, also on a machine that is busy with other things. */
const LIMIT_CPU_MS = 1000

/** Pieces that mean something to one parser or another. */
const HOSTILE: readonly Buffer[] = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"',
    "'",
    '\\',
    '\\u0000',
    '\\ud800',
    '\\udfff',
    '%00',
    '%',
    '%%',
    '%ani%',
    '${ani}',
  ],
  ...[
    '\0',
    '\r\n',
    '\n',
    '\t',
    ' ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\ufffd',
    '\u202e',
    '💥',
    '&',
    '&amp;',
    '&#0;',
    '&#xd800;',
    '&#x110000;',
  ],
  ...[
    '<',
    '>',
    '</',
    '<!',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '<?xml version="1.0" encoding="utf-16"?>',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '{"a":',
    '[[[[[[[[',
    '1e999',
    '-0',
    '9007199254740993',
    '0x1',
    'NaN',
    'null',
    'true',
    '""',
  ],
  ...[
    '=',
    ';',
    '#',
    '|',
    '||',
    '*',
    '&a',
    '*a',
    '<<: *a',
    '!!js/function',
    '!!binary',
    '- ',
    '? ',
    '---\n',
    '...\n',
    '\n\t',
    ': ',
    '|-\n',
    '>+9',
  ],
  ...[
    '; charset=utf-7',
    '; charset="',
    'q=1e9',
    'wait=99999999999',
    'Mon, 31 Feb 0000 24:60:61 GMT',
    'ms',
    'KiB',
    '/s',
    '99999999999999999999',
  ],
].map((text) => Buffer.from(text))
const HOSTILE_BYTES: readonly Buffer[] = [
  [0xff],
  [0xfe, 0xff],
  [0xff, 0xfe],
  [0xff, 0xfe, 0, 0],
  [0xef, 0xbb, 0xbf],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x80],
  [0x1b, 0x24, 0x42],
].map((bytes) => Buffer.from(bytes))

type Step = (bytes: Buffer) => Buffer

const place = fc.nat(0xffff)
const length = fc.oneof({ weight: 3, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(400) })

/** One damage; `others` are what it may splice in. */
function step(others: readonly Buffer[]): fc.Arbitrary<Step> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_BYTES) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
  )
  return fc.oneof(
    fc.tuple(place, fc.nat(7)).map(
      ([at, bit]): Step =>
        (bytes) => {
          const flipped = Buffer.from(bytes)
          const index = at % Math.max(1, bytes.length)
          if (index < bytes.length) flipped[index] = (bytes[index] ?? 0) ^ (1 << bit)
          return flipped
        },
    ),
    fc.tuple(place, length).map(
      ([at, size]): Step =>
        (bytes) => {
          const [before, , after] = cut(bytes, at, size)
          return Buffer.concat([before, after])
        },
    ),
    fc.tuple(place, length, fc.constantFrom(2, 2, 3, 100)).map(
      ([at, size, times]): Step =>
        (bytes) => {
          const [before, middle, after] = cut(bytes, at, size)
          return Buffer.concat([before, ...Array.from({ length: times }, () => middle), after])
        },
    ),
    fc.tuple(place, place, fc.constantFrom(...others)).map(
      ([at, from, other]): Step =>
        (bytes) => {
          const [before] = cut(bytes, at, 0)
          return Buffer.concat([before, other.subarray(from % (other.length + 1))])
        },
    ),
    fc.tuple(place, piece, length).map(
      ([at, put, size]): Step =>
        (bytes) => {
          const [before, , after] = cut(bytes, at, size % 3)
          return Buffer.concat([before, put, after])
        },
    ),
  )
}

function cut(bytes: Buffer, at: number, size: number): readonly [before: Buffer, middle: Buffer, after: Buffer] {
  const start = at % (bytes.length + 1)
  return [bytes.subarray(0, start), bytes.subarray(start, start + size), bytes.subarray(start + size)]
}

/** Examples with one to six damages each, now and then none. */
export function mutantOf(examples: readonly (string | Uint8Array)[]): fc.Arbitrary<Buffer> {
  const seeds = examples.map((example) => Buffer.from(example))
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(step(seeds), { maxLength: 6 }))
    .map(([seed, steps]) => steps.reduce<Buffer>((bytes, each) => each(bytes), seed).subarray(0, LIMIT_BYTES))
}

/** The same as text; bytes that are not UTF-8 become U+FFFD. */
export function mutantText(examples: readonly string[]): fc.Arbitrary<string> {
  return mutantOf(examples).map((bytes) => bytes.toString('utf8'))
}

/** Has `judge` look at mutants, `share` of {@link MUTANTS} of them; it throws where something is wrong. */
export function fuzz<Mutant>(mutant: fc.Arbitrary<Mutant>, judge: (mutant: Mutant) => void, share = 1): void {
  const before = prototypeMembers()
  fc.assert(
    fc.property(mutant, (each) => {
      // Also what is read quickly may be the one during which V8 collects or compiles: only twice in a row counts.
      if (cpuMs(() => judge(each)) <= LIMIT_CPU_MS) return
      const againMs = cpuMs(() => judge(each))
      if (againMs > LIMIT_CPU_MS) throw new Error(`it took ${againMs} ms`)
    }),
    { numRuns: Math.max(1, Math.ceil(MUTANTS * share)), seed: SEED },
  )
  expect(prototypeMembers()).toEqual(before)
}

function cpuMs(work: () => void): number {
  const begin = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(begin)
  return (user + system) / 1000
}

function prototypeMembers(): readonly (readonly PropertyKey[])[] {
  return [Object, Array, Map, String, Function].map(({ prototype }) => Reflect.ownKeys(prototype))
}

/** Throws unless everything in `value` is plain: no object has another prototype than the one that it was born with. */
export function expectPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype) throw new Error('a prototype was put in place')
  for (const each of Object.values(value)) expectPlain(each)
}

/** Throws unless `text` says something, in whole characters. */
export function expectDetail(text: string): void {
  if (text === '' || !text.isWellFormed()) throw new Error(`no detail: ${JSON.stringify(text.slice(0, 500))}`)
}

/** Throws unless `text` is one line that can be shown to people: whole characters, no control characters, not too much of it. */
export function expectLine(text: string, limit: number): void {
  if (text === '' || text.length > limit || /\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new Error(`not one short line: ${JSON.stringify(text.slice(0, 500))}`)
  }
}
