/** Which webhooks an event triggers: the contract's table, row by row. */
import { describe, expect, test } from 'vitest'
import { Router } from '../../src/engine/plan/router.ts'
import { runAtOnce } from '../../src/engine/slices.ts'
import type { DataPoints } from '../../src/model/data.ts'
import type { Binding, Webhook } from '../../src/model/webhook.ts'
import { TRIGGER_RULES } from '../../src/profiles/profiles.ts'
import { webhook } from './webhooks.ts'

function postCall(id: string, unbound = true, changes: Partial<Webhook> = {}): Webhook {
  return webhook(id, { profile: 'dialogtech-post-call', trigger: { on: ['call.end'], unbound }, ...changes })
}

function autoid(id: string, changes: Partial<Webhook> = {}): Webhook {
  return webhook(id, { profile: 'autoid', trigger: { on: ['call.begin', 'call.end'], unbound: false }, ...changes })
}

function binding(key: string, value: string, targets: Binding['targets'], account = 'default'): Binding {
  return { id: `${account}:${key}:${value}`, account, key, value, targets }
}

function routed(
  webhooks: readonly Webhook[],
  bindings: readonly Binding[],
  type: string,
  data: DataPoints,
  account = 'default',
): string[] {
  return [
    ...runAtOnce(Router.build(webhooks, bindings, TRIGGER_RULES)).route(account, type, { data, context: {} }),
  ].sort()
}

describe('post-call actions', () => {
  const webhooks = [postCall('all'), postCall('numbers', false), postCall('other', false)]
  const bindings = [
    binding('number', '800-555-0001', { postCall: ['numbers'] }),
    binding('number', '8005550002', { postCall: 'none' }),
    binding('number', '8005550003', { postCall: 'account-wide' }),
    binding('pool', 'Spring', { postCall: ['other'] }),
    binding('adGroup', 'Ads', { postCall: 'none' }),
  ]

  test.each([
    ['no binding matches', { called_number: '8005559999' }, ['all']],
    ['there is no number at all', {}, ['all']],
    ['its number is bound to one', { called_number: '8005550001' }, ['numbers']],
    ['its number is written otherwise', { called_number: '(800) 555-0001' }, ['numbers']],
    ['its number came as a JSON number', { called_number: 8005550001 }, ['numbers']],
    ['its number is bound to none', { called_number: '8005550002' }, []],
    ['its number is bound to account-wide ones', { called_number: '8005550003' }, ['all']],
    ['its number stands in tracking', { tracking: '8005550001' }, ['numbers']],
    ['its number stands in ivr_number_called', { ivr_number_called: '8005550001' }, ['numbers']],
    ['its called number goes first', { called_number: '8005550002', tracking: '8005550001' }, []],
    ['its pool is bound', { st_pool_name: 'Spring' }, ['other']],
    ['its number goes before its pool', { called_number: '8005550001', st_pool_name: 'Spring' }, ['numbers']],
    ['its pool goes before its ad group', { st_pool_name: 'Spring', ad_group: 'Ads' }, ['other']],
    ['its ad group is bound to none', { called_number: '8005559999', ad_group: 'Ads' }, []],
  ] as const)('when %s', (_, data, expected) => {
    expect(routed(webhooks, bindings, 'call.end', data)).toEqual(expected)
  })

  test('are triggered by nothing but the end of a call', () => {
    expect(routed(webhooks, bindings, 'call.begin', { called_number: '8005550001' })).toEqual([])
  })
})

describe('AutoID webhooks', () => {
  const webhooks = [autoid('a'), autoid('b'), autoid('c')]
  const bindings = [
    binding('campaign', 'Sales Campaign', { begin: ['a'], end: ['b'] }),
    binding('treatment', 'Main/Sales', { begin: ['b'] }),
    binding('dniCampaign', 'Web', { end: ['b', 'c'] }),
  ]

  test.each([
    ['call.begin', { campaign_name: 'Sales Campaign' }, ['a']],
    ['call.end', { campaign_name: 'Sales Campaign' }, ['b']],
    ['call.begin', { campaign_name: 'Sales Campaign', treatment: 'Main/Sales' }, ['a', 'b']],
    ['call.begin', { treatment: 'Main/Service' }, []],
    ['call.end', { campaign_name: 'Sales Campaign', dni_campaign: 'Web' }, ['b', 'c']],
    ['call.begin', {}, []],
  ] as const)('at %s of %o trigger %o', (type, data, expected) => {
    expect(routed(webhooks, bindings, type, data)).toEqual(expected)
  })
})

describe('transcription webhooks', () => {
  const on = { on: ['transcription.completed'], unbound: true }
  const webhooks = ['bound', 'free'].map((id) => webhook(id, { profile: 'dialogtech-transcription', trigger: on }))
  const bindings = [binding('ivr', '12345', { transcription: ['bound'] })]

  test.each([
    ['its IVR is bound', { survo_id: '12345' }, ['bound']],
    ['its IVR is not bound: those that no binding names', { survo_id: '99' }, ['free']],
    ['its IVR is told as ivr_id', { ivr_id: '12345' }, ['bound']],
  ] as const)('when %s', (_, data, expected) => {
    expect(routed(webhooks, bindings, 'transcription.completed', data)).toEqual(expected)
  })
})

describe('VCC Live webhooks', () => {
  const hangup = (id: string, on: readonly string[]) =>
    webhook(id, { profile: 'vcc-live-ivr', trigger: { on, unbound: true } })
  const webhooks = [hangup('bound', ['call.end']), hangup('free', ['call.end']), hangup('invoked', [])]
  const bindings = [binding('process', 'p1', { hangup: ['bound'] })]

  test.each([
    [{ projectid: 'p1' }, ['bound']],
    [{ projectid: 'p2' }, ['free']],
  ] as const)('at the end of a call of %o trigger %o', (data, expected) => {
    expect(routed(webhooks, bindings, 'call.end', data)).toEqual(expected)
  })
})

describe('routing', () => {
  test('a custom webhook is triggered by each of its event types and no other', () => {
    const webhooks = [webhook('feed', { trigger: { on: ['call.begin', 'queue.full'], unbound: false } })]
    expect(routed(webhooks, [], 'queue.full', {})).toEqual(['feed'])
    expect(routed(webhooks, [], 'call.end', {})).toEqual([])
  })

  test('only webhooks and bindings of the event’s account count', () => {
    const webhooks = [postCall('ours'), postCall('theirs', true, { account: 'acme' })]
    const bindings = [binding('number', '1', { postCall: 'none' }, 'acme')]
    expect(routed(webhooks, bindings, 'call.end', { called_number: '1' })).toEqual(['ours'])
    expect(routed(webhooks, bindings, 'call.end', { called_number: '1' }, 'acme')).toEqual([])
    expect(routed(webhooks, bindings, 'call.end', { called_number: '2' }, 'acme')).toEqual(['theirs'])
  })

  test('profiles do not disturb each other: each has its own bindings', () => {
    const webhooks = [postCall('all'), autoid('crm'), webhook('feed')]
    const bindings = [binding('campaign', 'Sales', { end: ['crm'] })]
    expect(routed(webhooks, bindings, 'call.end', { campaign_name: 'Sales' })).toEqual(['all', 'crm', 'feed'])
  })

  test('a webhook named by two bindings is triggered once', () => {
    const bindings = [binding('campaign', 'S', { end: ['crm'] }), binding('treatment', 'T', { end: ['crm'] })]
    expect(routed([autoid('crm')], bindings, 'call.end', { campaign_name: 'S', treatment: 'T' })).toEqual(['crm'])
  })
})
