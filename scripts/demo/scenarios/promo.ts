/**
 * Somebody calls the number of an advertisement and is read a message. The switch at this number builds no JSON: it asks by
 * form and is answered by form.
 */
import { LEAD_NUMBER } from '../call-events.ts'
import type { Scenario } from './scenario.ts'

/** A message from a page of HTML; its number reports leads. */
export const PROMO: Scenario = {
  kind: 'promo',
  account: 'default',
  calledNumber: LEAD_NUMBER,
  sentAs: 'form',
  play: async (call) => {
    await call.begin('saw an advertisement')
    await call.ask({
      webhook: 'promo-message',
      data: {},
      request: {
        ivr_number_called: LEAD_NUMBER,
        st_search_term: 'air conditioning & heating',
        st_campaign: 'Summer "24/7"',
        st_rank: '',
      },
      decision: {
        kind: 'speak',
        text: 'Thank you for your interest in air conditioning & heating. Today: 20 % off!',
      },
    })
    await call.pause(300)
    await call.end('hangs up', { call_transfer_status: 'No transfer' })
  },
}
