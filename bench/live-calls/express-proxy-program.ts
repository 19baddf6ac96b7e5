/**
 * The proxy that most teams write: Express takes the event, handlebars renders, axios sends, the answer becomes a decision.
 */
import { Agent } from 'node:http'
import axios from 'axios'
import express from 'express'
import { REQUEST_PATH } from '../deliveries/prepared-request.ts'
import { handlebarsBody } from '../functions/template-engines.ts'
import { answerCommands } from '../processes/answering.ts'
import { eventOf, numberOf } from '../services/event-job.ts'
import { expressOrigin } from '../services/express-origin.ts'
import { requestHeaderObject } from '../traffic/request-headers.ts'
import { decisionOf, PROXY_PATH, type ProxyCommands } from './proxy-commands.ts'

const commands: ProxyCommands = {
  start: async (origin) => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 256 })
    const client = axios.create({ httpAgent, proxy: false, timeout: 5000, maxRedirects: 0 })
    const render = handlebarsBody()
    const url = `${origin}${REQUEST_PATH}`
    const app = express()
      .disable('x-powered-by')
      .disable('etag')
      .use(express.json({ limit: '1mb' }))
    app.post(PROXY_PATH, async (request, answer) => {
      const event = eventOf(request.body)
      const headers = requestHeaderObject(numberOf(event))
      const { status, data } = await client.post<unknown>(url, render(event.data), { headers })
      answer.status(200).json(decisionOf(status, data))
    })
    return await expressOrigin(app)
  },
}

answerCommands(commands)
