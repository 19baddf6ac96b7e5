/** The text format of Prometheus becomes samples; what is none is passed over. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { SwitchhookClient } from '../../src/client/client.ts'
import { readMetrics } from '../../src/client/metrics-text.ts'
import { startWorld } from '../e2e/world.ts'

describe('a line', () => {
  test.each([
    ['up 1', { name: 'up', labels: {}, value: 1 }],
    ['up{} 1', { name: 'up', labels: {}, value: 1 }],
    ['a:b_total{x="1",y="z"} 2.5e3', { name: 'a:b_total', labels: { x: '1', y: 'z' }, value: 2500 }],
    ['a{x="1",} 0 1395066363000', { name: 'a', labels: { x: '1' }, value: 0 }],
    ['a{x="} 1"} 2', { name: 'a', labels: { x: '} 1' }, value: 2 }],
    ['a{x="q\\"\\\\n\\n"} -1', { name: 'a', labels: { x: 'q"\\n\n' }, value: -1 }],
    ['a +Inf', { name: 'a', labels: {}, value: Number.POSITIVE_INFINITY }],
    ['a -Inf', { name: 'a', labels: {}, value: Number.NEGATIVE_INFINITY }],
    ['a NaN', { name: 'a', labels: {}, value: Number.NaN }],
  ])('%s', (line, expected) => expect(readMetrics(line)).toEqual([expected]))

  test.each(['', '# HELP a 1', '# TYPE a counter', 'a', 'a one', '1a 1', 'a{x="1" 2', '<html> 1'])(
    '%j is no sample',
    (line) => expect(readMetrics(`${line}\nup 1\n`)).toEqual([{ name: 'up', labels: {}, value: 1 }]),
  )
})

test('what prom-client writes is read as it was meant, label by label', async () => {
  const registers = [new Registry()]
  new Counter({ name: 'c', help: 'h', labelNames: ['a', 'b'], registers }).inc({ a: 'x\n"\\', b: '{}=,' }, 3)
  new Gauge({ name: 'g', help: 'with # and {', registers }).set(-0.5)
  new Histogram({ name: 'h', help: 'h', buckets: [1], registers }).observe(2)
  expect(readMetrics((await registers[0]?.metrics()) ?? '')).toEqual([
    { name: 'c', labels: { a: 'x\n"\\', b: '{}=,' }, value: 3 },
    { name: 'g', labels: {}, value: -0.5 },
    { name: 'h_bucket', labels: { le: '1' }, value: 0 },
    { name: 'h_bucket', labels: { le: '+Inf' }, value: 1 },
    { name: 'h_sum', labels: {}, value: 2 },
    { name: 'h_count', labels: {}, value: 1 },
  ])
})

test('the client asks an engine for them, and for the level of its log', async () => {
  const world = await startWorld('workers: 0\n')
  const client = new SwitchhookClient({ url: world.url })
  const build = (await client.metrics()).find(({ name }) => name === 'switchhook_build_info')
  expect(build).toEqual({ name: 'switchhook_build_info', labels: { version: '1.2.3' }, value: 1 })
  expect(await client.setLogLevel('debug')).toBe('info')
  expect(await client.logLevel()).toBe('debug')
  await expect(client.setLogLevel('loud')).rejects.toMatchObject({ problem: { status: 422 } })
  await expect(client.metrics(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})
