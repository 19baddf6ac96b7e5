/**
 * A car dealer's CRM (document autoid-webhook): a lead in JSON while the phone rings, a report in XML when the call is over.
 */
import { readJson, readXml } from '../content.ts'
import { type Customer, ok, textOf } from './customer.ts'

/** The customer. */
export const DEALER_CRM: Customer = {
  name: 'dealer CRM',
  resources: {
    // A lead names its caller, not the call.
    '/crm/leads': {
      webhook: 'crm-begin',
      job: 'delivery',
      methods: ['POST'],
      read: ({ headers, body }) => {
        if (headers['x-source'] !== 'phone') throw new Error('the header X-Source is not phone')
        const content = readJson(body)
        return { call: textOf(content, 'contact.phones.0'), content }
      },
      answer: () => ({ kind: 'answer', status: 201 }),
    },
    '/crm/calls': {
      webhook: 'crm-end',
      job: 'delivery',
      methods: ['PUT'],
      read: ({ headers, body }) => {
        if (headers['content-type']?.startsWith('application/xml') !== true) throw new Error('it is not sent as XML')
        const content = readXml(body)
        return { call: textOf(content, 'call.@id'), content }
      },
      answer: ok,
    },
  },
}
