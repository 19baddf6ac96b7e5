/**
 * A login by PIN: the failed attempts travel with the call as pass-through data, which the engine keeps between the invokes.
 * After the third failure the caller is transferred to the support team.
 */
import { QUIET_NUMBER } from '../call-events.ts'
import type { DecisionView } from '../carrier.ts'
import { LOGIN_IVR, MEMBER, MEMBERS_IVR, SUPPORT_NUMBER } from '../receiver/member-login.ts'
import { type Scenario, variantOf } from './scenario.ts'

/** PINs that are typed in one call. */
type Typed = readonly string[]

/** By round. */
const ROUNDS: readonly [Typed, ...Typed[]] = [['1111', MEMBER.pin], ['1111', '2222', '3333'], [MEMBER.pin]]

const MOST_ATTEMPTS = 3

/** Right at last, never, or at once. */
export const LOGIN: Scenario = {
  kind: 'login',
  account: 'default',
  calledNumber: QUIET_NUMBER,
  play: async (call, round) => {
    await call.begin('logs in')
    for (const [index, pin] of variantOf(ROUNDS, round).entries()) {
      await call.says(`types ${pin}`)
      await call.ask({
        webhook: 'pin-login',
        data: { responses: { 1: pin }, ivr_completed: true },
        request: { pin, ivr_pass_through: passThrough(index), ivr_session_id: call.id },
        decision: expected(pin, index + 1),
      })
    }
    await call.pause()
    await call.end('hangs up')
  },
}

function passThrough(failed: number): string {
  return failed === 0 ? '' : `user_id|${MEMBER.id}||step|verify_user||attempts|${failed}`
}

function expected(pin: string, attempt: number): DecisionView {
  if (pin === MEMBER.pin) {
    const userParameters = { firstname: MEMBER.firstName }
    return { kind: 'next-action', app: 'ivr', parameters: { id: MEMBERS_IVR }, userParameters, passThrough: undefined }
  }
  if (attempt === MOST_ATTEMPTS) {
    return { kind: 'next-action', app: 'transfer', parameters: { destination: SUPPORT_NUMBER }, passThrough: undefined }
  }
  return {
    kind: 'next-action',
    app: 'ivr',
    parameters: { id: LOGIN_IVR },
    passThrough: passThrough(attempt),
    passThroughValues: { user_id: MEMBER.id, step: 'verify_user', attempts: String(attempt) },
  }
}
