/**
 * The promotions' server (document dialogtech-ivr-webhook, "Retrieve message and read to user"): a page of HTML that is read
 * to whoever came by an advertisement.
 */
import { readForm } from '../content.ts'
import { type Customer, textOf } from './customer.ts'

/** The customer. */
export const PROMOTIONS: Customer = {
  name: 'promotions',
  resources: {
    '/promo-message': {
      webhook: 'promo-message',
      job: 'invoke',
      methods: ['POST'],
      read: ({ body }) => {
        const content = readForm(body)
        return { call: textOf(content, 'ivr_session_id'), content }
      },
      answer: (content) => ({
        kind: 'answer',
        status: 200,
        contentType: 'text/html; charset=utf-8',
        body: `<html><head><title>Promo</title></head><body><p>Thank you for your interest in
          ${textOf(content, 'st_search_term')}.</p><p>Today: 20&nbsp;% off!</p></body></html>`,
      }),
    },
  },
}
