/**
 * What the experiment `hanging` found, as a report. Pure.
 */
import { median } from '../experiment.ts'
import { type Claim, countText, type Report } from '../traffic/claims.ts'
import { lagSummary, lagText, percentileMs } from '../traffic/flow.ts'
import type { AccountFigures } from './accounts.ts'
import type { EndpointFigures, EndpointSide } from './endpoints.ts'
import type { SliceFigures } from './saturation.ts'

/** Least share of their throughput that endpoints keep when others hang. */
const KEPT_RATIO = 0.95

/** See the head of this file. */
export function hangingReport(endpoints: EndpointFigures, accounts: AccountFigures): Report {
  const { tested, control } = endpoints
  const ratios = tested.slices.map(
    ({ perSecond }, index) => perSecond / (control.slices[index]?.perSecond ?? perSecond),
  )
  const [first, ...later] = ratios
  const kept = median(ratios)
  const cpuKept = median(tested.slices.map(({ cpuUs }, index) => (control.slices[index]?.cpuUs ?? cpuUs) / cpuUs))
  const answering = endpoints.endpoints - endpoints.hanging
  const otherP99Ms = percentileMs(accounts.whileDraining.sentUs, 99)
  return {
    rows: [
      ['endpoints', `${endpoints.endpoints}, ${endpoints.hanging} of which hang`],
      [`delivered to the other ${answering}`, ''],
      ['  while those answer', slicesText(control.slices)],
      ['  while those hang', slicesText(tested.slices)],
      ['  ratio of each pair', ratios.map((ratio) => ratio.toFixed(3)).join(' ')],
      [
        '  CPU of a delivery',
        `answer ${cpuText(control.slices)}; hang ${cpuText(tested.slices)} us; by it they keep ${percentText(cpuKept)}`,
      ],
      ['  circuits open after it', endpoints.openCircuits.join(' ')],
      ['first slice, each second', `answer ${secondsText(control.slices[0])}; hang ${secondsText(tested.slices[0])}`],
      ['back again', `${countText(tested.sent)} events, all taken after ${(endpoints.drainMs / 1000).toFixed(1)} s`],
      [
        'account with a backlog',
        `${countText(accounts.waiting)} deliveries to ${accounts.webhooks} endpoints that are down`,
      ],
      ["  other's lag before", lagText(accounts.alone.sentUs)],
      ["  other's lag beside it", lagText(accounts.whileWaiting.sentUs)],
      ['  while it is worked off', lagText(accounts.whileDraining.sentUs)],
      [
        '  worked off',
        `in ${(accounts.drained.durationMs / 1000).toFixed(1)} s; each second ${accounts.drained.perSecond.map(countText).join(' ')}`,
      ],
    ],
    claims: [
      ...sideClaims('beside hanging endpoints', tested),
      ...sideClaims('with all that answer', control),
      ...accountClaims(accounts),
      {
        kind: 'target',
        text: `the others keep at least 95 % of their throughput: ${percentText(kept)} (median of the pairs)`,
        holds: kept >= KEPT_RATIO,
      },
      {
        kind: 'target',
        text: `also in the first slice, before circuits open: ${percentText(first ?? 0)}; later ${percentText(later.length === 0 ? 0 : median(later))}`,
        holds: (first ?? 0) >= KEPT_RATIO,
      },
      {
        kind: 'target',
        text: `another account's p99 lag stays below 1 s while a backlog is worked off: ${otherP99Ms.toFixed(1)} ms`,
        holds: otherP99Ms < 1000,
      },
    ],
    figures: {
      endpoints: { ...endpoints, ratios, keptRatio: kept, keptByCpuRatio: cpuKept },
      accounts: {
        ...accounts,
        alone: lagSummary(accounts.alone),
        whileWaiting: lagSummary(accounts.whileWaiting),
        whileDraining: lagSummary(accounts.whileDraining),
      },
    },
  }
}

function sideClaims(which: string, { sent, lost, repeated, counts, problems }: EndpointSide): readonly Claim[] {
  const isWhole = counts.delivered === sent && counts.pending === 0 && counts.dead === 0
  return [
    {
      kind: 'must',
      text: `${which}: all ${countText(sent)} arrive, ${lost.length} lost`,
      holds: lost.length === 0,
      cases: lost,
    },
    { kind: 'must', text: `${which}: none comes twice`, holds: repeated.length === 0, cases: repeated },
    { kind: 'must', text: `${which}: all are delivered in the end`, holds: isWhole, cases: [JSON.stringify(counts)] },
    { kind: 'must', text: `${which}: no error is logged`, holds: problems.length === 0, cases: problems },
  ]
}

function accountClaims({ waiting, sent, lost, repeated, counts, problems }: AccountFigures): readonly Claim[] {
  const isWhole = counts.delivered === waiting + sent && counts.pending === 0 && counts.dead === 0
  return [
    {
      kind: 'must',
      text: `both accounts: all ${countText(waiting + sent)} arrive, ${lost.length} lost`,
      holds: lost.length === 0,
      cases: lost,
    },
    { kind: 'must', text: 'both accounts: none comes twice', holds: repeated.length === 0, cases: repeated },
    {
      kind: 'must',
      text: 'both accounts: all are delivered in the end',
      holds: isWhole,
      cases: [JSON.stringify(counts)],
    },
    { kind: 'must', text: 'both accounts: no error is logged', holds: problems.length === 0, cases: problems },
  ]
}

function slicesText(slices: readonly SliceFigures[]): string {
  return `${slices.map(({ perSecond }) => countText(perSecond)).join(' ')} a second`
}

function cpuText(slices: readonly SliceFigures[]): string {
  return slices.map(({ cpuUs }) => countText(cpuUs)).join(' ')
}

function secondsText(slice: SliceFigures | undefined): string {
  return (slice?.seconds ?? []).map(countText).join(' ')
}

function percentText(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}
