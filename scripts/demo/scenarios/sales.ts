/**
 * A sales call of a dealer: its lead is in the CRM while the phone still rings, the report follows when the call is over.
 * Which of the two is sent depends on the campaign and on the path that the caller takes through the menu.
 */
import type { Call } from '../call.ts'
import { dataAtBegin, dataAtEnd } from '../call-events.ts'
import { spokenNumber } from '../callers.ts'
import type { Expectation } from '../ledger.ts'
import { crmBegin, crmEnd } from './crm-deliveries.ts'
import type { Scenario } from './scenario.ts'

const CAMPAIGN = 'Sales Campaign'
const TREATMENT = 'Main/Sales'

/** By campaign and treatment, or by treatment alone. */
export const SALES: Scenario = {
  kind: 'sales',
  account: 'acme',
  calledNumber: '7774839229',
  play: async (call, round) => {
    const isCampaign = round % 2 === 0
    const campaign = isCampaign ? CAMPAIGN : 'Radio'
    const { firstName, lastName, number } = call.caller
    call.tell('ring', `${firstName} ${lastName}, ${spokenNumber(number)}, calls a dealer; campaign: ${campaign}`)
    const lead = isCampaign ? [told(call, crmBegin(call.facts, campaign, 0), 'the CRM has the lead')] : []
    await call.send('call.begin', { ...dataAtBegin(call.facts), campaign_name: campaign, repeat_caller: false }, lead)
    await call.pause(250)
    await call.says('chooses Sales in the menu, talks, hangs up')
    const end = {
      campaign_name: campaign,
      treatment: TREATMENT,
      prompt_responses: [
        { question: 'Main', question_link: 'http://app.example.com/prompts-qa/audio/main.wav', response: '1' },
        { question: 'Sales', question_link: 'http://app.example.com/prompts-qa/audio/sales.wav', response: '2' },
      ],
      rec_audiourl: 'https://audio.example.com/MP3/demo.mp3?a=1&b=2',
    }
    // Campaign and treatment both name this webhook; a call triggers it once all the same.
    await call.send('call.end', { ...dataAtEnd(call.facts), ...end }, [crmEnd(call.facts)])
  },
}

/** An expectation whose arrival is a line of the story. */
function told(call: Call, delivery: Expectation, text: string): Expectation {
  const startedAt = performance.now()
  return { ...delivery, onArrival: () => call.tell('arrived', text, performance.now() - startedAt) }
}
