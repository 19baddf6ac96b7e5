/**
 * A help desk (document wix-answers-ivr-webhook): the document's sample server, completed so that it runs - two users, and
 * two IVRs, one for the right PIN and one for a wrong one.
 */
import { readJson } from '../content.ts'
import { type Customer, textOf } from './customer.ts'

/** Users with their PINs, as in the sample. */
export const USERS = [
  { id: '602efa31-01d8-482d-8ff2-26910b026703', pass: '1234' },
  { id: '602efa31-01d8-482d-8ff2-26910b026704', pass: '4321' },
] as const

/** The GUID of the sample's success IVR, and one for failures. */
export const SUCCESS_IVR = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064'
export const FAILURE_IVR = '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa065'

/** The customer. */
export const HELP_DESK: Customer = {
  name: 'help desk',
  resources: {
    '/pin-check': {
      webhook: 'pin-check',
      job: 'invoke',
      methods: ['POST'],
      read: ({ body }) => {
        const content = readJson(body)
        return { call: textOf(content, 'callId'), content }
      },
      answer: (content) => {
        const user = USERS.find(({ id }) => id === content['user.id'])
        if (user === undefined) return { kind: 'answer', status: 200 }
        const body = user.pass === content['input'] ? SUCCESS_IVR : FAILURE_IVR
        return { kind: 'answer', status: 200, contentType: 'text/html; charset=utf-8', body }
      },
    },
  },
}
