/**
 * The fastest service of this kind that we could write: Fastify takes NDJSON, BullMQ keeps all of a request's events with one
 * `addBulk`, a worker renders with handlebars and sends with undici.
 */
import { type Job, Queue, Worker } from 'bullmq'
import fastify from 'fastify'
import { Pool } from 'undici'
import { REQUEST_PATH } from '../deliveries/prepared-request.ts'
import { handlebarsBody } from '../functions/template-engines.ts'
import { answerCommands } from '../processes/answering.ts'
import { requestHeaderObject } from '../traffic/request-headers.ts'
import { type EventJob, eventOf, numberOf } from './event-job.ts'
import { CONCURRENCY, JOB_OPTIONS, QUEUE, type ServiceCommands } from './service-commands.ts'
import { queueSettled } from './settled.ts'

answerCommands(serviceCommands())

function serviceCommands(): ServiceCommands {
  let queue: Queue | undefined
  return {
    start: async ({ redisPort, origin }) => {
      const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }
      const jobs = new Queue(QUEUE, { connection, defaultJobOptions: JOB_OPTIONS })
      queue = jobs
      const pool = new Pool(origin, { connections: CONCURRENCY, pipelining: 1 })
      const render = handlebarsBody()
      const deliver = async ({ data: event }: Job<EventJob>): Promise<void> => {
        const headers = requestHeaderObject(numberOf(event))
        const body = render(event.data)
        const answer = await pool.request({ method: 'POST', path: REQUEST_PATH, headers, body })
        await answer.body.text()
        if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`)
      }
      const worker = new Worker<EventJob>(QUEUE, deliver, { connection, concurrency: CONCURRENCY })
      worker.on('error', (error) => console.error(error))
      const app = fastify({ bodyLimit: 8 * 2 ** 20 })
      app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) =>
        done(null, body),
      )
      app.post('/events', async (request, reply) => {
        const lines = String(request.body).split('\n')
        const events = lines.filter((line) => line !== '').map((line) => eventOf(JSON.parse(line)))
        await jobs.addBulk(events.map((data) => ({ name: 'deliver', data })))
        return reply.code(202).send({ accepted: events.length })
      })
      await worker.waitUntilReady()
      return await app.listen({ host: '127.0.0.1', port: 0 })
    },
    settled: async () => {
      if (queue !== undefined) await queueSettled(queue)
    },
  }
}
