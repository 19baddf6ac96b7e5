/**
 * The run as a table, and everything that is wrong about it. Pure; `main.ts` prints the lines.
 */
import type { StoreCounts } from './engine-api.ts'
import type { Ledger, Life } from './ledger.ts'
import type { Judgement } from './verdict.ts'

/** Cases of a kind that are shown. */
const SHOWN_CASES = 5

/** Everything that the table tells. */
export interface RunFacts {
  readonly ledger: Ledger
  readonly judgement: Judgement
  /** What the store held when nothing more could be hoped for. */
  readonly counts: StoreCounts
  readonly durationMs: number
}

/** Whether all that must hold did hold. */
export function isClean(facts: RunFacts): boolean {
  return wrongLines(facts).length === 0
}

/** The lines of the table, and below it what is wrong. */
export function reportLines(facts: RunFacts): readonly string[] {
  const { ledger, judgement, counts, durationMs } = facts
  const { lives, events, invokes, resent, commands } = ledger
  const { duplicates, unsettledMs } = judgement
  const startMs = lives.flatMap(({ spawnedAtMs, listeningAtMs }) =>
    listeningAtMs === undefined ? [] : [listeningAtMs - spawnedAtMs],
  )
  // The first life finds nothing to deliver.
  const firstDeliveryMs = lives
    .slice(1)
    .flatMap(({ spawnedAtMs, firstDeliveryAtMs }) =>
      firstDeliveryAtMs === undefined ? [] : [firstDeliveryAtMs - spawnedAtMs],
    )
  const confirmed = [...commands.values()].filter(({ result }) => result === 'confirmed').length
  const rows: readonly (readonly [label: string, value: string])[] = [
    ['kills', killsText(lives)],
    ['events sent', String(events.size)],
    ['accepted', String(judgement.accepted)],
    [
      'unknown at first',
      `${resent.kept + resent.unknown}, sent again: ${resent.kept} duplicate, ${resent.unknown} accepted`,
    ],
    ['invokes', `${invokes.answered} answered, ${invokes.unanswered} cut off by a kill`],
    ['retry commands', `${confirmed} confirmed of ${commands.size}`],
    ['replays', replaysText(ledger)],
    ['deactivations', `${ledger.inactive.length}, each of them and each activation confirmed`],
    ['reloads', `${ledger.reloads.length} in force and confirmed, of ${ledger.reloadsBegun} begun`],
    ['backups', backupsText(ledger)],
    ['deliveries', String(judgement.deliveries)],
    ['delivered', String(judgement.taken)],
    ['dead letters', String(judgement.dead)],
    ['pending', String(counts.pending)],
    ['lost', String(judgement.lost.length)],
    ['duplicates', `${duplicates.inFlight} in flight at a kill, ${duplicates.unexplained.length} unexplained`],
    ['answer to kill', `${spread(unsettledMs)} (of those in flight)`],
    ['asked for again', `${duplicates.askedFor} after a retry command, ${duplicates.replayed} after a replay`],
    ['out of order', String(judgement.outOfOrder.length)],
    ['start to listening', spread(startMs)],
    ['start to delivery', `${spread(firstDeliveryMs)} (first one of a restarted engine)`],
    ['duration', `${(durationMs / 1000).toFixed(1)} s`],
  ]
  const wrong = wrongLines(facts)
  return [
    ...rows.map(([label, value]) => `${label.padEnd(20)}${value}`),
    '',
    ...(wrong.length === 0 ? ['Nothing lost, every duplicate explained, order kept.'] : wrong),
  ]
}

function wrongLines({ ledger, judgement, counts }: RunFacts): readonly string[] {
  const { lost, duplicates, outOfOrder, forgottenCommands } = judgement
  const { pending, delivered, dead } = counts
  const stored = pending + delivered + dead
  const most = judgement.deliveries + judgement.perhaps
  return [
    ...(pending === 0 ? [] : [`STILL PENDING: ${pending} deliveries never came to an end`]),
    ...(stored >= judgement.deliveries && stored <= most
      ? []
      : [`STORE: it holds ${stored} deliveries, and ${judgement.deliveries} to ${most} were accepted`]),
    ...cases('LOST', lost),
    ...cases('DUPLICATES THAT NOTHING EXPLAINS', duplicates.unexplained),
    ...cases('OUT OF ORDER', outOfOrder),
    ...cases('COMMANDS FORGOTTEN', forgottenCommands),
    ...cases('NOT AS COMMANDED', judgement.disobedient),
    ...cases('WRONG ANSWERS', judgement.wrongAnswers),
    ...cases('WRONG', ledger.problems()),
  ]
}

function cases(title: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return []
  const shown = texts.slice(0, SHOWN_CASES).map((text) => `  ${text}`)
  const more = texts.length - shown.length
  return [`${title}: ${texts.length}`, ...shown, ...(more === 0 ? [] : [`  and ${more} more`])]
}

function replaysText({ replays }: Ledger): string {
  const confirmed = replays.filter(({ result }) => result === 'confirmed')
  const count = confirmed.reduce((sum, replay) => sum + replay.count, 0)
  const cut = replays.filter(({ result }) => result === 'unanswered').length
  return `${confirmed.length} confirmed, of ${count} deliveries; ${cut} cut off by a kill`
}

function backupsText({ backups }: Ledger): string {
  const { finished, killed, killedButWhole } = backups
  const whole = `${finished + killedButWhole} whole, with all that was accepted before`
  return `${whole}; ${killed} killed that left nothing of their name`
}

function killsText(lives: readonly Life[]): string {
  const killed = lives.filter(({ killedAtMs }) => killedAtMs !== undefined)
  const count = (phase: Life['phase']): number => killed.filter((life) => life.phase === phase).length
  const total = `${killed.length}: ${count('load')} under load, ${count('listening')} right after listening`
  return `${total}, ${count('start-up')} during start-up`
}

/** Middle, 99th percentile and largest of durations in milliseconds. */
function spread(valuesMs: readonly number[]): string {
  if (valuesMs.length === 0) return 'nothing measured'
  const sorted = valuesMs.toSorted((a, b) => a - b)
  const at = (ratio: number): string => `${(sorted[Math.floor((sorted.length - 1) * ratio)] ?? 0).toFixed(0)} ms`
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`
}
