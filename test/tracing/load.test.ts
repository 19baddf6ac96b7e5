/** Loading OpenTelemetry: what is said where it is not installed, and whether somebody listens. */
import * as api from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { loadTracing } from '../../src/tracing/load.ts'
import { tracingOfPeer } from '../../src/tracing/peer.ts'
import { recordSpans } from './recording-provider.ts'

test('what is not installed is a mistake that tells what to do', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  await expect(tracingOfPeer(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringMatching(/^tracing\.enabled: .*@opentelemetry\/api is not installed: npm install/),
  })
})

test('what is installed and broken is shown as it is', async () => {
  await expect(tracingOfPeer(() => Promise.reject(new Error('half of it is gone')))).rejects.toThrow(
    'half of it is gone',
  )
})

test.each([true, false])('a provider is heard of, whether it samples (%s) or not', async (samplesRoots) => {
  const spans = recordSpans(samplesRoots)
  expect(await loadTracing()).toMatchObject({ isHeard: true })
  expect(spans.spans).toEqual([])
})

test('nobody is heard of where no provider is registered', async () => {
  expect(await tracingOfPeer(() => Promise.resolve(api))).toMatchObject({ isHeard: false })
})

test('a provider that is registered later is heard from then on', async () => {
  const { tracing } = await loadTracing()
  const event = { id: 'e1', hasOwnId: true, source: '/', type: 't', subject: '', account: 'a', time: '', data: {} }
  expect(tracing.accept({ ...event, traceparent: '' }, 1)).toBeUndefined()
  const spans = recordSpans()
  expect(tracing.accept({ ...event, traceparent: '' }, 1)?.traceparent).toBe(spans.span('accept').traceparent)
})
