/**
 * The leanest proxy of this kind that we could write: Fastify takes the event, handlebars renders, undici sends, the answer
 * becomes a decision. No context, no circuit, no limits but a timeout, no metrics.
 */
import fastify from 'fastify'
import { Pool } from 'undici'
import { REQUEST_PATH } from '../deliveries/prepared-request.ts'
import { handlebarsBody } from '../functions/template-engines.ts'
import { answerCommands } from '../processes/answering.ts'
import { eventOf, numberOf } from '../services/event-job.ts'
import { requestHeaderObject } from '../traffic/request-headers.ts'
import { decisionOf, PROXY_PATH, type ProxyCommands } from './proxy-commands.ts'

const commands: ProxyCommands = {
  start: async (origin) => {
    const pool = new Pool(origin, { connections: 256, pipelining: 1, headersTimeout: 5000, bodyTimeout: 5000 })
    const render = handlebarsBody()
    const app = fastify()
    app.post(PROXY_PATH, async (request, reply) => {
      const event = eventOf(request.body)
      const headers = requestHeaderObject(numberOf(event))
      const answer = await pool.request({ method: 'POST', path: REQUEST_PATH, headers, body: render(event.data) })
      return reply.send(decisionOf(answer.statusCode, await answer.body.json()))
    })
    return await app.listen({ host: '127.0.0.1', port: 0 })
  },
}

answerCommands(commands)
