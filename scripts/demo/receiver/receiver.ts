/**
 * The receiver: all customers' servers together. They listen on ports of their own, so that each is an endpoint with its own
 * connections and circuit; the demo's copy of the example file has their addresses in place of the example's one.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ledger } from '../ledger.ts'
import { BANK, BANK_STANDBY } from './bank.ts'
import { type CustomerAnswer, findResource } from './customer.ts'
import { type CustomerServer, openCustomerServer } from './customer-server.ts'
import { DEALER_CRM } from './dealer-crm.ts'
import { HELP_DESK } from './help-desk.ts'
import { MEMBER_LOGIN } from './member-login.ts'
import { operations } from './operations.ts'
import { PROMOTIONS } from './promotions.ts'
import { reporting } from './reporting.ts'
import { FLAKY_CRM, SLOW_CRM } from './small-crms.ts'
import { SURVEY_OFFICE } from './survey-office.ts'

/** See the head of this file; made by {@link openReceiver}. */
export class Receiver {
  readonly #servers: readonly CustomerServer[]

  constructor(servers: readonly CustomerServer[]) {
    this.#servers = servers
  }

  /** How many servers there are. */
  get size(): number {
    return this.#servers.length
  }

  /** The origin of the server that has this path; throws where none has, since the example asks for a customer unknown here. */
  originOf(path: string): string {
    const server = this.#servers.find(({ customer }) => findResource(customer, path) !== undefined)
    if (server === undefined)
      throw new Error(`the example file has a webhook for ${path}, which no customer of the demo has`)
    return server.origin
  }

  /** The server of a webhook's customer. */
  serverOf(webhook: string): CustomerServer {
    const server = this.#servers.find(({ customer }) =>
      Object.values(customer.resources).some((resource) => resource.webhook === webhook),
    )
    if (server === undefined) throw new Error(`no customer of the demo has the webhook ${webhook}`)
    return server
  }

  /** See `CustomerServer.disturb`. */
  disturb(webhook: string, call: string, answer: CustomerAnswer): void {
    this.serverOf(webhook).disturb(webhook, call, answer)
  }

  /** Closes all servers. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
  }
}

/** Opens all customers' servers; secrets are the example's. */
export async function openReceiver(examples: string, ledger: Ledger): Promise<Receiver> {
  const secretOf = async (file: string): Promise<string> => (await readFile(join(examples, file), 'utf8')).trim()
  const customers = [
    SURVEY_OFFICE,
    PROMOTIONS,
    MEMBER_LOGIN,
    BANK,
    BANK_STANDBY,
    HELP_DESK,
    reporting(await secretOf('analytics.secret')),
    DEALER_CRM,
    operations(await secretOf('ops-feed.secret')),
    SLOW_CRM,
    FLAKY_CRM,
  ]
  return new Receiver(await Promise.all(customers.map((customer) => openCustomerServer(customer, ledger))))
}
