/**
 * `switchhook serve` with OpenTelemetry's SDK as docs/operate.md sets it up: the page's own `otel.js`, run as it stands there. In the
 * place of the SDK stand two small packages with its names, which write down what they are told.
 */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { startCommand } from '../cli/run-command.ts'
import { readBlocks } from '../docs/blocks.ts'
import { ROOT } from '../docs/pages.ts'
import { Receiver } from '../worker/receiver.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Samples everything, and writes a line for each span that ends. */
const SDK = `
import { appendFileSync } from 'node:fs'
import { trace } from '@opentelemetry/api'
const tell = (line) => appendFileSync('told.txt', line + '\\n')
let spans = 0
function startSpan(name, _options, context) {
  spans += 1
  const { traceId } = trace.getSpanContext(context)
  const own = { traceId, spanId: String(spans).padStart(16, 'a'), traceFlags: 1 }
  const span = {
    spanContext: () => own,
    isRecording: () => true,
    setAttribute: () => span,
    setAttributes: () => span,
    setStatus: () => span,
    end: () => tell(name + ' ' + traceId),
  }
  return span
}
export class NodeSDK {
  constructor({ serviceName, traceExporter }) {
    tell(serviceName + ' ' + traceExporter.constructor.name)
  }
  start() {
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) })
  }
  async shutdown() {
    tell('shut down')
  }
}
`

/** A folder with a configuration, the page's `otel.js` and what that imports. */
function setUp(origin: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-tracing-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const page = readFileSync(join(ROOT, 'docs', 'operate.md'), 'utf8')
  const otel = readBlocks(page).find(({ info }) => info === 'js otel.js')
  writeFileSync(join(folder, 'otel.js'), otel?.text ?? '')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(folder, 'switchhook.yaml'),
    `tracing: { enabled: true }
listen: { port: 0 }
network: { allow: [127.0.0.0/8] }
store: { engine: memory }
workers: 1
webhooks:
  - { id: crm, profile: custom, on: [call.end], method: POST, url: '${origin}/leads', body: '%callid%' }
`,
  )
  const packages = join(folder, 'node_modules', '@opentelemetry')
  mkdirSync(packages, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules', '@opentelemetry', 'api'), join(packages, 'api'))
  offer(join(packages, 'sdk-node'), SDK)
  offer(join(packages, 'exporter-trace-otlp-http'), 'export class OTLPTraceExporter {}')
  return folder
}

function offer(folder: string, code: string): void {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }')
  writeFileSync(join(folder, 'index.js'), code)
}

test('the file of the page sets the SDK up once, which gets every span and is shut down at the end', async () => {
  await using server = await Receiver.start()
  const folder = setUp(server.origin)
  const child = startCommand(['serve'], { cwd: folder, env: { NODE_OPTIONS: '--import ./otel.js' } })
  const closed = once(child, 'close')
  const [line] = await once(createInterface(child.stdout), 'line')
  const url = /http:\S+/.exec(String(line))?.[0]
  await fetch(`${url}/v1/events`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ type: 'call.end', traceparent: TRACEPARENT, data: { callid: 'call-1' } }),
  })
  await server.until(() => server.received.length === 1)
  child.kill('SIGTERM')
  await closed
  expect(child.exitCode).toBe(0)
  const told = readFileSync(join(folder, 'told.txt'), 'utf8').trimEnd().split('\n')
  expect(told[0]).toBe('switchhook OTLPTraceExporter')
  expect(told.at(-1)).toBe('shut down')
  const spans = ['accept', 'deliver crm', 'POST', 'render', 'route', 'settle crm']
  expect(told.slice(1, -1).sort()).toEqual(spans.map((name) => `${name} ${TRACEPARENT.slice(3, 35)}`).sort())
  expect(server.received[0]?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-a+\d-01$/)
}, 30_000)
