/**
 * The reporting department (document dialogtech-post-call-action): the log of all calls, the report of those to one number,
 * and the collector that Google Analytics 4 would be.
 */
import { readForm, readJson, readPairs } from '../content.ts'
import { type Customer, ok, textOf } from './customer.ts'

/** The department; `apiSecret` is what analytics must come with. */
export function reporting(apiSecret: string): Customer {
  return {
    name: 'reporting',
    resources: {
      '/call-log': {
        webhook: 'call-log',
        job: 'delivery',
        methods: ['POST'],
        read: ({ query, body }) => {
          const content = { ...readPairs(query), ...readForm(body) }
          return { call: textOf(content, 'sid'), content }
        },
        answer: ok,
      },
      // Its parameters do not name the call; each caller calls once.
      '/lead-report': {
        webhook: 'lead-report',
        job: 'delivery',
        methods: ['GET'],
        read: ({ query }) => {
          const content = readPairs(query)
          return { call: textOf(content, 'caller'), content }
        },
        answer: ok,
      },
      '/mp/collect': {
        webhook: 'analytics',
        job: 'delivery',
        methods: ['POST'],
        read: ({ query, body }) => {
          if (query.get('measurement_id') !== 'G-EXAMPLE001') throw new Error('the measurement id is wrong')
          if (query.get('api_secret') !== apiSecret) throw new Error('the secret is wrong')
          const content = readJson(body)
          return { call: textOf(content, 'client_id'), content }
        },
        answer: () => ({ kind: 'answer', status: 204 }),
      },
    },
  }
}
