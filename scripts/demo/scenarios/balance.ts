/**
 * A bank's caller asks for the balance. The answer sets variables that the IVR reads back, and that the engine keeps for the
 * note at hanging up. Sometimes the server is slow and its standby answers instead; sometimes neither does.
 */
import type { Call } from '../call.ts'
import { OPEN_NUMBER } from '../call-events.ts'
import type { DecisionView } from '../carrier.ts'
import { accountOf } from '../receiver/bank.ts'
import { type Scenario, variantOf } from './scenario.ts'

/** How the two servers behave: both as they should, the first one late, both broken. */
type Servers = 'right' | 'slow' | 'down'

const ROUNDS: readonly [Servers, ...Servers[]] = ['right', 'slow', 'down']

/** Long after `fallback.after` of the example file. */
const SLOW_MS = 3000

/** Right, from the standby, or not at all. */
export const BALANCE: Scenario = {
  kind: 'balance',
  account: 'default',
  calledNumber: OPEN_NUMBER,
  play: async (call, round) => {
    const servers = variantOf(ROUNDS, round)
    const { number } = call.caller
    const { customer, balance } = accountOf(number)
    await call.begin('asks for the balance')
    disturb(call, servers)
    await call.ask({
      webhook: 'balance',
      data: {},
      request: { source: number },
      key: number,
      ...(servers === 'right' ? {} : { alsoAsked: 'balance-standby' }),
      decision: expected(servers, balance, customer),
    })
    if (servers !== 'down') await call.says(`hears: your balance is ${balance.toFixed(2)} dollars`)
    else await call.says('hears: your balance is not available right now')
    await call.end('hangs up', {}, servers === 'down' ? {} : { customer })
  },
}

function disturb(call: Call, servers: Servers): void {
  const { number } = call.caller
  if (servers === 'slow') call.disturb('balance', { kind: 'answer', status: 200, delayMs: SLOW_MS }, number)
  if (servers !== 'down') return
  call.disturb('balance', { kind: 'broken' }, number)
  call.disturb('balance-standby', { kind: 'answer', status: 503 }, number)
}

/** The first server answers in JSON, which has numbers; the standby in x-ini, which has text only. */
function expected(servers: Servers, balance: number, customer: string): DecisionView {
  const others = { currency: 'USD', customer_number: customer }
  switch (servers) {
    case 'right':
      return { kind: 'set-variables', variables: { balance, ...others } }
    case 'slow':
      return { kind: 'set-variables', variables: { balance: String(balance), ...others } }
    case 'down':
      return { kind: 'backup', reason: 'connection', backup: { say: 'Your balance is not available right now' } }
  }
}
