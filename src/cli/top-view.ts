/**
 * The picture that `switchhook top` draws: figures to lines of styled texts. Invariant: pure; never more lines than the
 * terminal has, none longer than it is wide, and what is wrong stands above what is slow. Called for each frame.
 */
import type { Style } from './output.ts'
import type { Figures } from './top-figures.ts'
import { type Column, flow, type Item, type Line, lineOf, table } from './top-layout.ts'
import { bytesText, countText, latencyText, rateText, spanText } from './top-text.ts'

/** How a frame is drawn. */
export interface Frame {
  readonly columns: number
  readonly rows: number
  /** Where the engine listens. */
  readonly url: string
  /** Milliseconds since the epoch, for how long something is still to last. */
  readonly nowMs: number
  /** Why there are no newer figures; absent: these are the newest. */
  readonly problem?: string
  readonly isPaused?: boolean
}

/** The keys that are understood. */
const KEYS = 'q quits  p pauses  (latencies of invokes and endpoints: last two minutes)'

/** The lines of a frame. */
export function topLines(figures: Figures, frame: Frame): readonly Line[] {
  const { columns, rows } = frame
  const head = [
    ...headLines(figures, frame),
    ...flow(items(figures), columns),
    ...readinessLines(figures).map((line) => lineOf(line, columns)),
  ].slice(0, Math.max(0, rows - 1))
  const body = tables(figures, frame, rows - head.length - 1)
  return [...head, ...body, lineOf([{ text: KEYS, style: 'quiet' }], columns)].slice(0, rows)
}

function headLines({ time, since, upMs, accounts }: Figures, frame: Frame): readonly Line[] {
  const { columns, url, problem, isPaused } = frame
  const up = upMs === undefined ? '' : `   up ${spanText(upMs)}`
  const lines: Line[] = [
    [
      { text: 'switchhook ', style: 'heading' },
      { text: `${url}${up}   ${time.slice(11, 19)} UTC` },
      { text: isPaused === true ? '   paused' : '', style: 'waiting' },
    ],
  ]
  if (accounts !== undefined) {
    const text = `only of ${accounts.join(', ')}: rates and latencies are told to tokens for all accounts`
    lines.push([{ text, style: 'waiting' }])
  }
  if (since === 'restarted') {
    lines.push([{ text: 'the engine was started anew: rates begin with the next figures', style: 'waiting' }])
  }
  if (problem !== undefined) lines.push([{ text: `no newer figures: ${problem}`, style: 'bad' }])
  return lines.map((line) => lineOf(line, columns))
}

function items({ rates, latency, outbox, memory, workers }: Figures): readonly Item[] {
  const { pending, inFlight, held, dead, oldestMs, bytes, freeBytes } = outbox
  const busiest = workers.length === 0 ? undefined : Math.max(...workers)
  return [
    { name: 'events', text: rateText(rates?.events) },
    { name: 'deliveries', text: rateText(rates?.deliveries) },
    { name: 'attempts', text: rateText(rates?.attempts) },
    { name: 'invokes', text: rateText(rates?.invokes) },
    { name: 'retries', text: rateText(rates?.retries), ...warns(rates?.retries, 'waiting') },
    { name: 'dead', text: rateText(rates?.dead), ...warns(rates?.dead, 'bad') },
    { name: 'invoke p50', text: latencyText(latency.invokeP50Ms) },
    { name: 'lag p50', text: latencyText(latency.lagP50Ms) },
    { name: 'loop p99', text: latencyText(latency.loopP99Ms) },
    { name: 'invoke p99', text: latencyText(latency.invokeP99Ms) },
    { name: 'lag p99', text: latencyText(latency.lagP99Ms) },
    { name: 'busiest', text: busiest === undefined ? '-' : `${Math.round(busiest * 100)} %` },
    { name: 'pending', text: countText(pending) },
    { name: 'held', text: countText(held), ...warns(held, 'waiting') },
    { name: 'in flight', text: countText(inFlight) },
    { name: 'dead so far', text: countText(dead) },
    { name: 'oldest', text: spanText(oldestMs) },
    { name: 'store', text: bytesText(bytes) },
    { name: 'memory', text: bytesText(memory.residentBytes) },
    { name: 'heap', text: bytesText(memory.heapBytes) },
    { name: 'disk free', text: bytesText(freeBytes) },
  ]
}

function warns(count: number | undefined, style: Style): { readonly style?: Style } {
  return (count ?? 0) > 0 ? { style } : {}
}

function readinessLines({ readiness, deactivated }: Figures): readonly Line[] {
  const unready = readiness.filter(({ ready }) => !ready)
  const isReady = readiness.length > 0 && unready.length === 0
  const names = deactivated.map(({ webhook, reason }) => `${webhook} (${reason})`)
  return [
    ...(isReady ? [[{ text: 'ready', style: 'good' } as const]] : []),
    ...unready.map(({ name, detail }) => [{ text: `not ready: ${name}: ${detail}`, style: 'bad' } as const]),
    ...(names.length === 0 ? [] : [[{ text: `not active: ${names.join(', ')}`, style: 'waiting' } as const]]),
  ]
}

const CIRCUITS: readonly Column[] = [
  { name: 'circuit', share: 3 },
  { name: 'account', share: 1 },
  { name: 'state', width: 9 },
  { name: 'for', width: 7 },
  { name: 'probe', width: 7 },
  { name: 'reason', share: 2 },
]
const BACKLOG: readonly Column[] = [
  { name: 'waits for', share: 3 },
  { name: 'account', share: 1 },
  { name: 'deliveries', width: 10, isRight: true },
  { name: 'because', share: 2 },
]
const ENDPOINTS: readonly Column[] = [
  { name: 'slowest endpoint', share: 1 },
  { name: 'p50', width: 8, isRight: true },
  { name: 'p99', width: 8, isRight: true },
  { name: 'answers', width: 9, isRight: true },
]

/** As much of each table as there is room for: what is wrong first, and none takes the others' share of it. */
function tables(figures: Figures, { columns, nowMs }: Frame, rows: number): readonly Line[] {
  const all = [
    { columns: CIRCUITS, rows: circuitRows(figures, nowMs), style: 'bad' },
    { columns: BACKLOG, rows: backlogRows(figures, nowMs), style: 'waiting' },
    { columns: ENDPOINTS, rows: endpointRows(figures), style: undefined },
  ] as const
  const shown = all.filter((each) => each.rows.length > 0)
  const lines: Line[] = []
  for (const [index, each] of shown.entries()) {
    const room = Math.floor((rows - lines.length) / (shown.length - index))
    // A blank line, a head and a row: with less of it nothing could be read.
    if (room < 3) continue
    lines.push([], ...table(each.columns, each.rows, { width: columns, rows: room - 1, style: each.style }))
  }
  return lines
}

function circuitRows({ circuits }: Figures, nowMs: number): readonly (readonly string[])[] {
  return circuits.map(({ endpoint, account, state, since, reason, nextProbe }) => {
    const probe = nextProbe === undefined ? '' : untilText(nextProbe, nowMs)
    return [endpoint, account, state, spanText(nowMs - Date.parse(since)), probe, reason]
  })
}

function backlogRows({ held }: Figures, nowMs: number): readonly (readonly string[])[] {
  return held.map(({ webhook, account, deliveries, reason, until }) => {
    const wait = until === undefined ? '' : `, ${untilText(until, nowMs)}`
    return [webhook, account, countText(deliveries), `${reason}${wait}`]
  })
}

/** When something is due: `now`, `in 3s`. */
function untilText(time: string, nowMs: number): string {
  const leftMs = Date.parse(time) - nowMs
  return leftMs < 1000 ? 'now' : `in ${spanText(leftMs)}`
}

function endpointRows({ endpoints }: Figures): readonly (readonly string[])[] {
  return endpoints.map(({ endpoint, p50Ms, p99Ms, perSecond }) => [
    endpoint,
    latencyText(p50Ms),
    latencyText(p99Ms),
    rateText(perSecond),
  ])
}
