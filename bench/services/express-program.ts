/**
 * The service that most teams write: Express takes an event, BullMQ keeps it in Redis, a worker renders it with handlebars and
 * sends it with axios. Written with care: connections are kept alive, the template is compiled once, the answer waits for the
 * queue.
 */
import { Agent } from 'node:http'
import axios from 'axios'
import { type Job, Queue, Worker } from 'bullmq'
import express from 'express'
import { REQUEST_PATH } from '../deliveries/prepared-request.ts'
import { handlebarsBody } from '../functions/template-engines.ts'
import { answerCommands } from '../processes/answering.ts'
import { requestHeaderObject } from '../traffic/request-headers.ts'
import { type EventJob, eventOf, numberOf } from './event-job.ts'
import { expressOrigin } from './express-origin.ts'
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
      const client = axios.create({
        httpAgent: new Agent({ keepAlive: true, maxSockets: CONCURRENCY }),
        proxy: false,
        timeout: 10_000,
        maxRedirects: 0,
      })
      const render = handlebarsBody()
      const url = `${origin}${REQUEST_PATH}`
      const deliver = async ({ data: event }: Job<EventJob>): Promise<void> => {
        const headers = requestHeaderObject(numberOf(event))
        await client.post(url, render(event.data), { headers })
      }
      const worker = new Worker<EventJob>(QUEUE, deliver, { connection, concurrency: CONCURRENCY })
      worker.on('error', (error) => console.error(error))
      const app = express()
        .disable('x-powered-by')
        .disable('etag')
        .use(express.json({ limit: '1mb' }))
      app.post('/events', async (request, answer) => {
        const { id, data } = eventOf(request.body)
        await jobs.add('deliver', { id, data })
        answer.status(202).json({ accepted: 1 })
      })
      await worker.waitUntilReady()
      return await expressOrigin(app)
    },
    settled: async () => {
      if (queue !== undefined) await queueSettled(queue)
    },
  }
}
