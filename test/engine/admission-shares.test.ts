/** How accounts share what may be in flight, what is told of whoever may not send, and which circuits are kept. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Admission, type CircuitChange, type Ticket } from '../../src/engine/send/admission.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { ASKED_WAIT_LIMIT_MS } from '../../src/policy/breaker.ts'
import { webhook } from './webhooks.ts'

interface Subject {
  readonly admission: Admission
  readonly unparked: string[]
  readonly changes: CircuitChange[]
}

function subject(total: number, deliveries = 1000): Subject {
  const unparked: string[] = []
  const changes: CircuitChange[] = []
  const listener = {
    unpark: (id: string) => unparked.push(id),
    onCircuit: (change: CircuitChange) => changes.push(change),
  }
  return { admission: new Admission({ deliveries, invokes: 10 }, listener, total), unparked, changes }
}

/** Admits as many deliveries of `target` as there is room for. */
function admitAll({ admission }: Subject, target: Webhook, nowMs = 0): Ticket[] {
  const tickets: Ticket[] = []
  for (let ticket = admission.admitDelivery(target, nowMs); ticket !== undefined; ) {
    tickets.push(ticket)
    ticket = admission.admitDelivery(target, nowMs)
  }
  return tickets
}

/** Lets one request of `target` fail. */
function fail({ admission }: Subject, target: Webhook, nowMs: number, retryAfterMs?: number): void {
  const ticket = admission.admitDelivery(target, nowMs)
  if (ticket === undefined) throw new Error('no ticket for a failure')
  admission.ended(ticket, 'status', 503, nowMs, retryAfterMs)
}

const of = (account: string, id = account): Webhook => webhook(id, { account })

describe('what an account may have in flight', () => {
  test('is eight times as much as is still free: alone eight ninths', () => {
    const shared = subject(900)
    expect(admitAll(shared, of('big'))).toHaveLength(800)
    expect(shared.admission.holdOf(of('big'), 0)).toEqual({ reason: 'account-share' })
  })

  test('leaves places to whoever comes new, however long its own hang, at other webhooks of it too', () => {
    const shared = subject(900)
    admitAll(shared, of('big'))
    expect(shared.admission.admitDelivery(of('big', 'another'), 0)).toBeUndefined()
    for (const account of ['b', 'c']) expect(admitAll(shared, of(account)).length).toBeGreaterThan(0)
  })

  test('comes to be the same for all, as those that have more end', () => {
    const shared = subject(170)
    const inFlight = { big: admitAll(shared, of('big')), small: admitAll(shared, of('small')) }
    for (let turn = 0; turn < 500; turn += 1) {
      for (const account of ['big', 'small'] as const) {
        const ended = inFlight[account].shift()
        if (ended !== undefined) shared.admission.ended(ended, '', 200, 0)
        inFlight[account].push(...admitAll(shared, of(account)))
      }
    }
    expect(inFlight.big).toHaveLength(80)
    expect(inFlight.small).toHaveLength(80)
  })

  test('lets a webhook go on that waited for it when one of its account has ended', () => {
    const shared = subject(9)
    const [first] = admitAll(shared, of('big'))
    shared.admission.admitDelivery(of('big', 'second'), 0)
    if (first !== undefined) shared.admission.ended(first, '', 200, 0)
    expect(shared.unparked).toEqual(['big'])
    expect(shared.admission.admitDelivery(of('big'), 0)).toBeDefined()
  })

  test('lets the next go on a second later, where the one that was let go had nothing to send', () => {
    const shared = subject(9)
    const [first] = admitAll(shared, of('big'))
    shared.admission.admitDelivery(of('big', 'second'), 0)
    if (first !== undefined) shared.admission.ended(first, '', 200, 0)
    expect(shared.admission.nextWakeMs()).toBe(1000)
    shared.admission.wake(1000)
    expect(shared.unparked).toEqual(['big', 'second'])
  })
})

test('a webhook that waits for its endpoint is let go a second later, where the one before it had nothing to send', () => {
  const shared = subject(100, 1)
  const { endpoint } = of('default')
  const targets = ['a', 'b', 'c'].map((id) => webhook(id, { endpoint }))
  const [ticket] = targets.map((target) => shared.admission.admitDelivery(target, 0))
  if (ticket === undefined) throw new Error('no ticket for the first')
  shared.admission.ended(ticket, '', 200, 0)
  expect(shared.unparked).toEqual(['b'])
  shared.admission.wake(999)
  expect(shared.unparked).toEqual(['b'])
  shared.admission.wake(1000)
  expect(shared.unparked).toEqual(['b', 'c'])
})

describe('why a webhook is held', () => {
  const plain = of('default')

  test('is told of nobody that may send', () => {
    expect(subject(100).admission.holdOf(plain, 0)).toBeUndefined()
  })

  test.each([
    ['its concurrency', webhook('w', { concurrency: 1 }), { reason: 'concurrency' }],
    ['its rate', webhook('w', { ratePerSecond: 10 }), { reason: 'rate', untilMs: 100 }],
    ['its endpoint', webhook('w'), { reason: 'endpoint-busy' }],
  ])('tells of %s', (_, target, expected) => {
    const shared = subject(1000, 5)
    admitAll(shared, target)
    expect(shared.admission.holdOf(target, 0)).toEqual(expected)
  })

  test('tells of an open circuit, with the time of the next probe, before and after a probe has gone', () => {
    const shared = subject(100)
    for (let failure = 0; failure < 6; failure += 1) fail(shared, plain, 0)
    expect(shared.admission.holdOf(plain, 500)).toEqual({ reason: 'circuit-open', untilMs: 1000 })
    expect(shared.admission.holdOf(plain, 1200)).toEqual({ reason: 'circuit-open', untilMs: 1200 })
    expect(shared.admission.admitDelivery(plain, 1200)).toMatchObject({ isProbe: true })
    expect(shared.admission.holdOf(plain, 1300)).toEqual({ reason: 'circuit-open', untilMs: 2200 })
  })

  test('tells of the ramp after an outage', () => {
    const shared = subject(100)
    for (let failure = 0; failure < 6; failure += 1) fail(shared, plain, 0)
    const probe = shared.admission.admitDelivery(plain, 1000)
    if (probe === undefined) throw new Error('no probe')
    shared.admission.ended(probe, '', 200, 1000)
    admitAll(shared, plain, 1000)
    expect(shared.admission.holdOf(plain, 1000)).toMatchObject({ reason: 'recovering' })
  })

  test('is asked without letting anything out', () => {
    const shared = subject(100)
    for (let look = 0; look < 100; look += 1) shared.admission.holdOf(webhook('w', { ratePerSecond: 1 }), 0)
    expect(shared.admission.admitDelivery(webhook('w', { ratePerSecond: 1 }), 0)).toBeDefined()
  })
})

describe('the circuits that are kept', () => {
  test('are told of when they open, when the reason changes or a wait is asked for, and when they close', () => {
    const shared = subject(100)
    const target = of('default')
    for (let failure = 0; failure < 6; failure += 1) fail(shared, target, 0)
    fail(shared, target, 1000)
    expect(shared.changes.map(({ circuit }) => circuit)).toEqual([
      { kind: 'open', sinceMs: 0, lastProbeMs: 0, askedWaitMs: 0, reason: 'status' },
    ])
    fail(shared, target, 2000, 60_000)
    expect(shared.changes.at(-1)?.circuit).toMatchObject({ kind: 'open', lastProbeMs: 2000, askedWaitMs: 60_000 })
    const probe = shared.admission.admitDelivery(target, 62_000)
    if (probe === undefined) throw new Error('no probe')
    shared.admission.ended(probe, '', 200, 62_000)
    expect(shared.changes.map(({ circuit: { kind } }) => kind)).toEqual(['open', 'open', 'closed'])
  })

  test('wait for a probe no longer than a server may ask for', () => {
    const shared = subject(100)
    const target = of('default')
    for (let failure = 0; failure < 6; failure += 1) fail(shared, target, 0, 86_400_000)
    expect(shared.admission.holdOf(target, 0)).toEqual({ reason: 'circuit-open', untilMs: ASKED_WAIT_LIMIT_MS })
  })

  const open = { kind: 'open', sinceMs: 5, lastProbeMs: 5, askedWaitMs: 0, reason: 'dns' } as const
  const fallback = of('acme', 'backup').endpoint
  const target = {
    ...of('acme', 'crm'),
    fallback: { endpoint: fallback, request: of('acme', 'backup').request, budgetMs: 10_000 },
  }

  test('are those of endpoints and fallbacks in use; the others are forgotten', () => {
    const shared = subject(100)
    const kept = [target.endpoint.id, fallback.id].map((endpoint) => ({ endpoint, account: 'acme', circuit: open }))
    const gone = [
      { endpoint: 'https://gone.example.com', account: 'acme', circuit: open },
      { endpoint: target.endpoint.id, account: 'other', circuit: open },
    ]
    shared.admission.restore([...kept, ...gone], [target], 1000)
    expect([...shared.admission.circuits()].map(({ endpoint, circuit }) => [endpoint.id, circuit])).toEqual(
      kept.map(({ endpoint }) => [endpoint, open]),
    )
    expect(shared.changes).toMatchObject(
      gone.map(({ endpoint, account }) => ({ endpoint, account, circuit: { kind: 'closed' } })),
    )
    expect(shared.admission.holdOf(target, 500)).toEqual({ reason: 'circuit-open', untilMs: 1005 })
  })

  test('end with the last webhook that uses their endpoint', () => {
    const shared = subject(100)
    const circuits = [target.endpoint.id, fallback.id].map((endpoint) => ({ endpoint, account: 'acme', circuit: open }))
    shared.admission.restore(circuits, [target], 6)
    shared.admission.admitDelivery(target, 6)
    runAtOnce(shared.admission.keepOnly([target], 6))
    expect(shared.changes).toEqual([])
    runAtOnce(shared.admission.keepOnly([webhook('crm', { account: 'acme', endpoint: fallback })], 6))
    expect(shared.changes).toMatchObject([{ endpoint: target.endpoint.id, circuit: { kind: 'closed' } }])
    expect(shared.unparked).toEqual(['crm'])
    expect([...shared.admission.circuits()].map(({ endpoint }) => endpoint.id)).toEqual([fallback.id])
  })
})

test('whatever they send, no account is without a place while any is free, and all goes out in the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ account: fc.nat({ max: 3 }), backlog: fc.integer({ min: 0, max: 60 }) }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 500 }),
      (senders, total, hangsMs) => {
        const parked = new Set<string>()
        const listener = { unpark: (id: string) => parked.delete(id), onCircuit: () => undefined }
        const admission = new Admission({ deliveries: 1000, invokes: 1 }, listener, total)
        const left = senders.map(({ backlog }) => backlog)
        const targets = senders.map(({ account }, index) => webhook(`w${index}`, { account: `a${account}` }))
        let flying: { readonly ticket: Ticket; readonly endsAtMs: number; readonly account: string }[] = []
        let nowMs = 0
        while (left.some((count) => count > 0) || flying.length > 0) {
          expect(nowMs).toBeLessThan(2_000_000)
          admission.wake(nowMs)
          for (const [index, target] of targets.entries()) {
            while ((left[index] ?? 0) > 0 && !parked.has(target.id) && flying.length < total) {
              const ticket = admission.admitDelivery(target, nowMs)
              const { account } = target
              if (ticket === undefined) {
                parked.add(target.id)
                expect(flying.some((other) => other.account === account)).toBe(true)
              } else {
                left[index] = (left[index] ?? 0) - 1
                flying.push({ ticket, endsAtMs: nowMs + 1 + ((hangsMs * (index + 1)) % 997), account })
              }
            }
          }
          nowMs += 20
          const ended = flying.filter(({ endsAtMs }) => endsAtMs <= nowMs)
          flying = flying.filter(({ endsAtMs }) => endsAtMs > nowMs)
          for (const { ticket } of ended) admission.ended(ticket, '', 200, nowMs)
        }
      },
    ),
    { numRuns: 100 },
  )
})
