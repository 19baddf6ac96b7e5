/**
 * A login by PIN (document dialogtech-ivr-webhook, "Common Use of Pass-Through Data"): failed attempts are counted in the
 * pass-through data alone, this server remembers nothing. The third failure sends the caller to the support team.
 */
import { readForm } from '../content.ts'
import { type Customer, textOf } from './customer.ts'

/** The one member's id, as in the document's example, and PIN. */
export const MEMBER: { readonly id: string; readonly pin: string; readonly firstName: string } = {
  id: '90786',
  pin: '4711',
  firstName: 'Ada',
}

/** Building blocks of the carrier: the IVR that asks for the PIN, the members' menu, and the support team's number. */
export const LOGIN_IVR = '12345'
export const MEMBERS_IVR = '12346'
export const SUPPORT_NUMBER = '8005550199'

/** "Many users enforce a maximum of 3 attempts." */
const MOST_ATTEMPTS = 3

/** The customer. */
export const MEMBER_LOGIN: Customer = {
  name: 'member login',
  resources: {
    '/pin-login': {
      webhook: 'pin-login',
      job: 'invoke',
      methods: ['POST'],
      read: ({ body }) => {
        const content = readForm(body)
        return { call: textOf(content, 'ivr_session_id'), content }
      },
      answer: (content) => {
        const failed = attemptsIn(textOf(content, 'ivr_pass_through')) + 1
        const body = content['pin'] === MEMBER.pin ? welcome() : failed < MOST_ATTEMPTS ? askAgain(failed) : giveUp()
        return { kind: 'answer', status: 200, contentType: 'application/xml', body }
      },
    },
  },
}

/** "a single bar delimiter | between the key|value pairs and two pipe delimiters || between each key|value pair". */
function attemptsIn(passThrough: string): number {
  const pairs = passThrough.split('||').map((pair) => pair.split('|'))
  return Number(pairs.find(([key]) => key === 'attempts')?.[1] ?? 0)
}

function welcome(): string {
  const greeting = `<user_parameters><firstname>${MEMBER.firstName}</firstname></user_parameters>`
  return `<action><app>ivr</app><parameters><id>${MEMBERS_IVR}</id>${greeting}</parameters></action>`
}

function askAgain(failed: number): string {
  const passThrough = `user_id|${MEMBER.id}||step|verify_user||attempts|${failed}`
  return `<action><app>ivr</app><parameters><id>${LOGIN_IVR}</id><p_t>${passThrough}</p_t></parameters></action>`
}

function giveUp(): string {
  return `<action><app>transfer</app><parameters><destination>${SUPPORT_NUMBER}</destination></parameters></action>`
}
