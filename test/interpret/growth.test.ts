/**
 * No answer can hold up a call: reading eight times the bytes takes about eight times as long, not sixty-four, however
 * the bytes are chosen. Both sizes are measured in turns in one run, so that the machine's speed and load cancel out.
 */
import { expect, test } from 'vitest'
import { interpretAnswer } from '../../src/interpret/interpret-answer.ts'
import { ANSWER_LIMIT_BYTES, type Answer, type AnswerSpec } from '../../src/model/answer.ts'
import { answerOf } from './answers.ts'

const LARGE_BYTES = ANSWER_LIMIT_BYTES
const SMALL_BYTES = LARGE_BYTES / 8
/** Linear work gives 8, quadratic 64. */
const LARGEST_RATIO = 24
const ROUNDS = 9
const RUNS = 3

const XML: AnswerSpec = { kind: 'next-action' }
const MESSAGE: AnswerSpec = { kind: 'message' }
const VARIABLES: AnswerSpec = { kind: 'variables', setVariable: 'v' }

const CASES: readonly {
  readonly spec: AnswerSpec
  readonly contentType: string
  readonly pieces: readonly string[]
}[] = [
  {
    spec: MESSAGE,
    contentType: 'text/html',
    pieces: [
      '<',
      '<a ',
      '<a b="',
      '<a b=c ',
      '</',
      '<!',
      '<!--',
      '<!-- -',
      '<script>',
      '<title></title>',
      '<head>',
      '<template>',
      '<p>',
    ],
  },
  {
    spec: MESSAGE,
    contentType: 'text/html',
    pieces: ['&', '&amp', '&#', '&#1', '&a', 'a', ' ', '\n', '<a\n', '<a  /', '"', '=', '<meta '],
  },
  { spec: MESSAGE, contentType: 'application/xhtml+xml', pieces: ['<![CDATA[', '<![CDATA[]]>', ']]', '<script/>'] },
  { spec: MESSAGE, contentType: '', pieces: [' ', '<?xml ', '\u00a0'] },
  {
    spec: XML,
    contentType: '',
    pieces: ['<', '<a>', '<a/>', '<a b="', '<!--', '<?a ', '&', ' ', '\r', '<a b="&amp;"/>'],
  },
  {
    spec: XML,
    contentType: '',
    pieces: ['<action>', '<action><x/>', '<action>&amp;', '<action><!---->', '<action>]]', '<?xml '],
  },
  {
    spec: VARIABLES,
    contentType: 'application/json',
    pieces: ['[', '{"a":', '"', '\\', '"\\', '1', ' ', '{"a":1,', '-', '\n'],
  },
  { spec: VARIABLES, contentType: 'text/x-ini', pieces: ['\n', 'a', '=', ' ', ';\n', '\r\n#'] },
  { spec: VARIABLES, contentType: 'text/plain', pieces: [' ', 'a ', '😀'] },
  { spec: { kind: 'redirect' }, contentType: '', pieces: [' ', 'a', '"', '5a9e9d0d-'] },
]

const ROWS = CASES.flatMap(({ spec, contentType, pieces }) =>
  pieces.map((piece) => ({ spec, contentType, piece, kind: spec.kind })),
)

test.each(ROWS)('$kind $contentType: $piece over and over', ({ spec, contentType, piece }) => {
  const small = filledWith(piece, SMALL_BYTES, contentType)
  const large = filledWith(piece, LARGE_BYTES, contentType)
  const ratio = Math.min(...Array.from({ length: ROUNDS }, () => duration(spec, large) / duration(spec, small)))
  expect(ratio).toBeLessThan(LARGEST_RATIO)
})

test('thousands of user parameters are read once each', () => {
  const fillers = (count: number): Answer =>
    answerOf(
      `<action><app>ivr</app><parameters><id>1</id><user_parameters>${Array.from({ length: count }, (_, index) => `<p${index}/>`).join('')}</user_parameters></parameters></action>`,
    )
  const ratios = Array.from({ length: ROUNDS }, () => duration(XML, fillers(6400)) / duration(XML, fillers(800)))
  expect(Math.min(...ratios)).toBeLessThan(LARGEST_RATIO)
})

function filledWith(piece: string, sizeBytes: number, contentType: string): Answer {
  const pieceBytes = new TextEncoder().encode(piece).byteLength
  return answerOf(piece.repeat(Math.floor(sizeBytes / pieceBytes)), contentType)
}

/** The shortest of a few runs: pauses of the machine only ever make a run longer. */
function duration(spec: AnswerSpec, answer: Answer): number {
  const durations = Array.from({ length: RUNS }, () => {
    const startMs = performance.now()
    interpretAnswer(spec, answer, [200])
    return performance.now() - startMs
  })
  return Math.min(...durations)
}
