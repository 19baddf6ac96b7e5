/**
 * A help desk checks the PIN of a caller: the GUID of the next IVR for a right or wrong one, an empty answer, which ends the
 * call, for somebody it does not know.
 */
import { OPEN_NUMBER } from '../call-events.ts'
import type { DecisionView } from '../carrier.ts'
import { FAILURE_IVR, SUCCESS_IVR, USERS } from '../receiver/help-desk.ts'
import { type Scenario, variantOf } from './scenario.ts'

const STRANGER = '123abc45-67d8-912e-3fg4-56789h0123456'

/** Who calls, what is typed, and what must come of it. */
interface Round {
  readonly user: string
  readonly input: string
  readonly decision: DecisionView
}

const ROUNDS: readonly [Round, ...Round[]] = [
  { user: USERS[0].id, input: '1234', decision: { kind: 'redirect', ivr: SUCCESS_IVR } },
  { user: STRANGER, input: '1234', decision: { kind: 'disconnect' } },
  { user: USERS[1].id, input: '9999', decision: { kind: 'redirect', ivr: FAILURE_IVR } },
]

/** Known, unknown, mistaken. */
export const PIN_CHECK: Scenario = {
  kind: 'pin check',
  account: 'default',
  calledNumber: OPEN_NUMBER,
  play: async (call, round) => {
    const { user, input, decision } = variantOf(ROUNDS, round)
    const { firstName, number } = call.caller
    await call.begin('calls the help desk')
    await call.says(`types ${input}#`)
    await call.ask({
      webhook: 'pin-check',
      data: {
        callId: call.id,
        from: { countryCode: '1', number },
        user: { id: user, firstName, banned: false, phoneNumbers: [{ countryCode: '1', number }] },
        input,
      },
      request: {
        'from.countryCode': '1',
        'from.number': number,
        'user.firstName': firstName,
        'user.banned': false,
        'user.phoneNumbers.0.number': number,
        input,
        ani: undefined,
      },
      decision,
    })
    await call.pause()
    await call.end(decision.kind === 'disconnect' ? 'is disconnected' : 'is helped, hangs up')
  },
}
