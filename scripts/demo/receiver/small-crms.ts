/**
 * Two customers whose servers are a trial for whoever calls them: one takes its time for every request, one is down every
 * now and then. Neither must be noticed by anybody else.
 */
import { readForm } from '../content.ts'
import { type Customer, ok, type Resource, textOf } from './customer.ts'

/** Fastest and slowest answer of the slow server, in milliseconds. */
const SLOW_MS = { least: 1000, most: 1400 } as const

/** Slow for every request. */
export const SLOW_CRM: Customer = {
  name: 'slow CRM',
  resources: {
    '/slow-crm': {
      ...reportOf('slow-crm'),
      answer: () => {
        const delayMs = SLOW_MS.least + Math.random() * (SLOW_MS.most - SLOW_MS.least)
        return { kind: 'answer', status: 200, delayMs }
      },
    },
  },
}

/** Right while it is switched on. */
export const FLAKY_CRM: Customer = {
  name: 'flaky CRM',
  resources: { '/flaky-crm': reportOf('flaky-crm') },
}

function reportOf(webhook: string): Resource {
  return {
    webhook,
    job: 'delivery',
    methods: ['POST'],
    read: ({ body }) => {
      const content = readForm(body)
      return { call: textOf(content, 'call'), content }
    },
    answer: ok,
  }
}
