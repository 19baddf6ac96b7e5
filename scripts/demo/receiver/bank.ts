/**
 * A bank (document vcc-live-ivr-webhook): tells callers their balance, and takes a note when they hang up. Its standby server
 * is slower but always there, and answers in the other format that the document knows.
 */
import { readJson, readPairs } from '../content.ts'
import { type Customer, type CustomerRequest, ok, type Reading, textOf } from './customer.ts'

/** What the bank knows of a caller, by phone number. */
export function accountOf(caller: string): { readonly customer: string; readonly balance: number } {
  return { customer: `C-${caller.slice(-4)}`, balance: Number(caller.slice(-4)) + 0.5 }
}

/** The customer. */
export const BANK: Customer = {
  name: 'bank',
  resources: {
    '/balance': {
      webhook: 'balance',
      job: 'invoke',
      methods: ['GET'],
      read: readCaller,
      answer: (content) => {
        const { customer, balance } = accountOf(textOf(content, 'source'))
        return {
          kind: 'answer',
          status: 200,
          contentType: 'application/json',
          body: JSON.stringify({ balance, currency: 'USD', customer_number: customer }),
        }
      },
    },
    '/hangup-note': {
      webhook: 'hangup-note',
      job: 'delivery',
      methods: ['PUT'],
      read: ({ rest, body }) => ({ call: rest, content: readJson(body) }),
      answer: ok,
    },
  },
}

/** The bank's second server. */
export const BANK_STANDBY: Customer = {
  name: 'bank, standby',
  resources: {
    '/balance-standby': {
      webhook: 'balance-standby',
      job: 'invoke',
      methods: ['GET'],
      read: readCaller,
      answer: (content) => {
        const { customer, balance } = accountOf(textOf(content, 'source'))
        const body = `; standby\nbalance=${balance}\ncurrency=USD\ncustomer_number=${customer}\n`
        return { kind: 'answer', status: 200, contentType: 'text/x-ini', body, delayMs: 30 }
      },
    },
  },
}

/** The caller's number stands in the path, and stands for the call: nothing else names it. */
function readCaller({ rest, query }: CustomerRequest): Reading {
  return { call: rest, content: { ...readPairs(query), source: rest } }
}
