/** Admission: each limit on both its sides, who waits for what, and that nobody waits for ever. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Admission, type Ticket } from '../../src/engine/send/admission.ts'
import type { Webhook } from '../../src/model/webhook.ts'
import { webhook } from './webhooks.ts'

const SHARES = { deliveries: 4, invokes: 2 }

/** Admission with the webhooks that it unparked, in order. */
function admission(shares = SHARES, total?: number): { readonly admission: Admission; readonly unparked: string[] } {
  const unparked: string[] = []
  const listener = { unpark: (id: string) => unparked.push(id), onCircuit: () => undefined }
  return { admission: new Admission(shares, listener, total), unparked }
}

/** Admits as many deliveries as there is room for. */
function admitAll(subject: Admission, target: Webhook, nowMs: number, most = 1000): Ticket[] {
  const tickets: Ticket[] = []
  while (tickets.length < most) {
    const ticket = subject.admitDelivery(target, nowMs)
    if (ticket === undefined) break
    tickets.push(ticket)
  }
  return tickets
}

function invoke(subject: Admission, target: Webhook, nowMs: number): ReturnType<Admission['admitInvoke']> {
  return subject.admitInvoke(target, target.endpoint, false, nowMs)
}

/** Fails six requests in a row, which opens the circuit. */
function openCircuit(subject: Admission, target: Webhook, nowMs: number): void {
  for (let failure = 0; failure < 6; failure += 1) {
    const ticket = subject.admitDelivery(target, nowMs)
    if (ticket === undefined) throw new Error('no ticket for a failure')
    subject.ended(ticket, 'response-timeout', 0, nowMs)
  }
}

describe('limits of deliveries', () => {
  test('an endpoint has as many in flight as its share, over all its webhooks, and lets one go for one that ended', () => {
    const { admission: subject, unparked } = admission()
    const [a, b] = [webhook('a'), webhook('b', { endpoint: webhook('a').endpoint })]
    const tickets = admitAll(subject, a, 0)
    expect(tickets).toHaveLength(4)
    expect(subject.admitDelivery(b, 0)).toBeUndefined()
    for (const ticket of tickets.slice(0, 2)) subject.ended(ticket, '', 200, 0)
    expect(unparked).toEqual(['a', 'b'])
  })

  test('another endpoint notices nothing', () => {
    const { admission: subject } = admission()
    admitAll(subject, webhook('a'), 0)
    expect(admitAll(subject, webhook('b'), 0)).toHaveLength(4)
  })

  test('a webhook has no more in flight than its concurrency', () => {
    const { admission: subject, unparked } = admission()
    const [first, ...rest] = admitAll(subject, webhook('a', { concurrency: 2 }), 0)
    expect(rest).toHaveLength(1)
    if (first !== undefined) subject.ended(first, '', 200, 0)
    expect(unparked).toEqual(['a'])
  })

  test('a webhook sends no faster than its rate and goes on in time', () => {
    const { admission: subject, unparked } = admission({ deliveries: 1000, invokes: 1 })
    const limited = webhook('a', { ratePerSecond: 10 })
    expect(admitAll(subject, limited, 1000)).toHaveLength(1)
    expect(subject.nextWakeMs()).toBe(1100)
    subject.wake(1099)
    expect(unparked).toEqual([])
    subject.wake(1100)
    expect(unparked).toEqual(['a'])
    expect(admitAll(subject, limited, 1100)).toHaveLength(1)
  })
})

describe('limits of invokes', () => {
  test('invokes have a share of their own, and beyond it are overloaded at once', () => {
    const { admission: subject } = admission()
    const target = webhook('a')
    expect(admitAll(subject, target, 0)).toHaveLength(4)
    expect(invoke(subject, target, 0)).toMatchObject({ job: 'invoke' })
    expect(invoke(subject, target, 0)).toMatchObject({ job: 'invoke' })
    expect(invoke(subject, target, 0)).toBe('overloaded')
  })

  test.each([
    ['concurrency', { concurrency: 1 }],
    ['rate', { ratePerSecond: 1 }],
  ])('beyond a webhook’s %s they are overloaded', (_, limits) => {
    const { admission: subject } = admission()
    const target = webhook('a', limits)
    expect(invoke(subject, target, 0)).toMatchObject({ job: 'invoke' })
    expect(invoke(subject, target, 0)).toBe('overloaded')
  })

  test('a fallback server is not held to the limits that the first request met', () => {
    const { admission: subject } = admission()
    const target = webhook('a', { concurrency: 1, ratePerSecond: 1 })
    invoke(subject, target, 0)
    expect(subject.admitInvoke(target, webhook('b').endpoint, true, 0)).toMatchObject({ job: 'invoke' })
  })
})

describe('a circuit', () => {
  test('opens after six failures in a row: invokes are told, deliveries wait, one probe goes out a second', () => {
    const { admission: subject, unparked } = admission()
    const target = webhook('a')
    openCircuit(subject, target, 0)
    expect(invoke(subject, target, 0)).toBe('circuit-open')
    expect(subject.admitDelivery(target, 999)).toBeUndefined()
    expect(subject.nextWakeMs()).toBe(1000)
    subject.wake(1000)
    expect(unparked).toEqual(['a'])
    expect(subject.admitDelivery(target, 1000)).toMatchObject({ isProbe: true })
    expect(subject.admitDelivery(target, 1000)).toBeUndefined()
  })

  test('lets an invoke be the probe too', () => {
    const { admission: subject } = admission()
    const target = webhook('a')
    openCircuit(subject, target, 0)
    expect(invoke(subject, target, 1000)).toMatchObject({ isProbe: true })
    expect(invoke(subject, target, 1000)).toBe('circuit-open')
  })

  test('closes with the first answer, and the backlog comes back at a rising rate', () => {
    const { admission: subject, unparked } = admission({ deliveries: 1000, invokes: 1 })
    const target = webhook('a')
    openCircuit(subject, target, 0)
    const probe = subject.admitDelivery(target, 1000)
    expect(subject.admitDelivery(target, 1000)).toBeUndefined()
    if (probe === undefined) throw new Error('no probe')
    subject.ended(probe, '', 200, 1010)
    subject.wake(1010)
    expect(unparked).toContain('a')
    const first = admitAll(subject, target, 1010)
    expect(first.length).toBeGreaterThan(0)
    expect(first.length).toBeLessThanOrEqual(2)
    expect(admitAll(subject, target, 60_000)).toHaveLength(1000 - first.length)
  })

  test.each([
    ['a 4xx', 'status', 404],
    ['an answer that can not be used', 'invalid-response', 200],
  ] as const)('does not open by %s', (_, reason, status) => {
    const { admission: subject } = admission()
    const target = webhook('a')
    for (let round = 0; round < 20; round += 1) {
      const ticket = subject.admitDelivery(target, round)
      if (ticket !== undefined) subject.ended(ticket, reason, status, round)
    }
    expect(subject.admitDelivery(target, 20)).toBeDefined()
  })

  test('belongs to endpoint and account: another account’s calls go on', () => {
    const { admission: subject } = admission()
    openCircuit(subject, webhook('a'), 0)
    expect(invoke(subject, webhook('a', { account: 'acme' }), 0)).toMatchObject({ isProbe: false })
  })

  test('switched off never holds anything', () => {
    const { admission: subject } = admission()
    const target = webhook('a', { circuit: 'off' })
    openCircuit(subject, target, 0)
    expect(subject.admitDelivery(target, 0)).toMatchObject({ isProbe: false })
  })

  test('probes rotate over the webhooks that wait', () => {
    const { admission: subject, unparked } = admission()
    const { endpoint } = webhook('a')
    const targets = ['a', 'b', 'c'].map((id) => webhook(id, { endpoint }))
    const [a] = targets
    if (a === undefined) throw new Error('no webhook')
    openCircuit(subject, a, 0)
    for (const target of targets) subject.admitDelivery(target, 0)
    const probed: string[] = []
    for (let second = 1; second <= 6; second += 1) {
      subject.wake(second * 1000)
      const next = targets.find(({ id }) => id === unparked.at(-1))
      const probe = next === undefined ? undefined : subject.admitDelivery(next, second * 1000)
      if (next === undefined || probe === undefined) throw new Error(`no probe in second ${second}`)
      probed.push(next.id)
      subject.ended(probe, 'connection', 0, second * 1000)
      subject.admitDelivery(next, second * 1000)
    }
    expect(probed).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })
})

test('a webhook that changes is looked at again', () => {
  const { admission: subject, unparked } = admission()
  admitAll(subject, webhook('a'), 0)
  subject.reconsider('a')
  expect(unparked).toEqual(['a'])
})

test('whatever happens, every delivery goes out in the end and no limit is passed', () => {
  // A model of the outbox: so many waiting a webhook, parked or not.
  fc.assert(
    fc.property(
      fc.record({
        backlogs: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
        concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        rate: fc.option(fc.integer({ min: 5, max: 200 }), { nil: undefined }),
        sharesEndpoint: fc.boolean(),
        failsUntilMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      ({ backlogs, concurrency, rate, sharesEndpoint, failsUntilMs }) => {
        const parked = new Set<string>()
        const subject = new Admission(SHARES, { unpark: (id) => parked.delete(id), onCircuit: () => undefined })
        const targets = backlogs.map((_, index) =>
          webhook(`w${index}`, {
            ...(concurrency === undefined ? {} : { concurrency }),
            ...(rate === undefined ? {} : { ratePerSecond: rate }),
            ...(sharesEndpoint ? { endpoint: webhook('shared').endpoint } : {}),
          }),
        )
        const waiting = [...backlogs]
        let flying: { readonly ticket: Ticket; readonly index: number }[] = []
        let nowMs = 0
        while (waiting.some((count) => count > 0) || flying.length > 0) {
          expect(nowMs).toBeLessThan(300_000)
          subject.wake(nowMs)
          for (const [index, target] of targets.entries()) {
            while ((waiting[index] ?? 0) > 0 && !parked.has(target.id)) {
              const ticket = subject.admitDelivery(target, nowMs)
              if (ticket === undefined) parked.add(target.id)
              else {
                waiting[index] = (waiting[index] ?? 0) - 1
                flying.push({ ticket, index })
              }
            }
          }
          const perWebhook = flying.filter(({ index }) => index === 0).length
          expect(perWebhook).toBeLessThanOrEqual(concurrency ?? SHARES.deliveries)
          if (sharesEndpoint) expect(flying.length).toBeLessThanOrEqual(SHARES.deliveries)
          nowMs += 20
          const ended = flying
          flying = []
          for (const { ticket, index } of ended) {
            const isUp = nowMs >= failsUntilMs
            subject.ended(ticket, isUp ? '' : 'connection', isUp ? 200 : 0, nowMs)
            if (!isUp) waiting[index] = (waiting[index] ?? 0) + 1
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})
