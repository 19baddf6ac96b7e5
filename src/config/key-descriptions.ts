/**
 * What each key of a configuration is for, in one place: shown by editors where the pointer rests on a key, and in the API's
 * document. Invariant: every key has its row and every row its key; a test compares them with the schemas.
 * Put into JSON Schemas by `json-schema.ts`.
 */

/** A JSON Schema as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** A description, or one with values as they may stand there. */
type Row = string | { readonly description: string; readonly examples: readonly unknown[] }

/** By path, lists without their indexes; keys of secrets, which stand in many places, under `secret`. */
export const KEY_DESCRIPTIONS: Readonly<Record<string, Row>> = {
  listen: 'Where the API listens',
  'listen.host': { description: 'Address or name to listen on; 0.0.0.0 or :: is for everybody', examples: ['0.0.0.0'] },
  'listen.port': 'Port; 0 takes any free one',
  'listen.keepAlive': { description: 'How long an idle connection is kept, 1s to 1h', examples: ['75s'] },
  'listen.connections': 'Connections to the API at once; beyond it 503',
  'listen.connections.total': 'Of everybody together',
  'listen.connections.perAddress': 'Of one address: 4096 by default, on a loopback listener as many as total',
  'listen.tls': 'Certificates; with them the listener speaks TLS alone',
  'listen.tls.cert': 'Certificate in PEM, with its chain behind it',
  'listen.tls.key': 'Its private key in PEM, without a password',
  'listen.tls.clientCa': 'Authorities of which clients must show a certificate',
  auth: 'Who may call; without tokens only this machine may',
  'auth.tokens': 'API tokens',
  'auth.tokens.name': { description: 'Stands in messages and in the audit trail', examples: ['switch-1'] },
  'auth.tokens.secret': 'The token itself; each needs one of its own',
  'auth.tokens.may': { description: 'Rights; manage includes read', examples: [['send', 'invoke']] },
  'auth.tokens.accounts': { description: 'The accounts that it is for; all by default', examples: [['acme']] },
  'auth.tokens.rate': { description: 'Requests it may send; no limit by default', examples: ['500/s'] },
  accounts: 'Accounts and the groups they are in; an account that is not listed is in none',
  'accounts.id': { description: 'Name of the account', examples: ['acme'] },
  'accounts.groups': { description: 'Groups it is in, which templates can be kept for', examples: [['dealers']] },
  dataPoints: "The carrier's own data points, beside the catalogue's",
  'dataPoints.name': { description: 'As tokens name it', examples: ['queue_depth'] },
  'dataPoints.description': 'What it tells about the call',
  'dataPoints.example': 'A value as an event may carry it',
  store: 'Where events and deliveries are kept, how many and how long',
  'store.engine': 'memory keeps nothing over a restart',
  'store.path': { description: 'Folder, beside this file; embedded only; ./data by default', examples: ['./data'] },
  'store.minFree': {
    description: 'Free disk space below which nothing is accepted; 512MiB by default',
    examples: ['1GiB'],
  },
  'store.backlog': 'Pending deliveries; beyond it events get 429',
  'store.backlog.perEndpoint': 'For one endpoint and account',
  'store.backlog.total': 'In all',
  'store.retention': 'How long what has ended is kept',
  'store.retention.delivered': { description: 'Delivered ones', examples: ['24h'] },
  'store.retention.dead': { description: 'Dead letters', examples: ['30d'] },
  'store.retention.size': {
    description: 'Most that the store may take; what ended first goes first',
    examples: ['50GiB'],
  },
  log: 'What the log tells',
  'log.level': 'Lines of lower levels are not written, but for those of the audit; info by default',
  tracing: 'Spans of what the engine does',
  'tracing.enabled': 'true: by OpenTelemetry, whose API and SDK are installed beside it; false by default',
  workers: 'Threads that send; 0 puts everything on the main thread',
  network: "How customers' servers are reached",
  'network.allow': {
    description: 'Ranges that may be reached although they are not public',
    examples: [['10.20.0.0/16']],
  },
  'network.proxy': {
    description: 'Proxy through which all requests leave: its URL, or more about it',
    examples: ['http://proxy.example:3128'],
  },
  'network.proxy.url': 'http: or https:, host and port; as a secret it may hold user and password',
  'network.proxy.credentials': 'user:password',
  'network.proxy.ca': 'Authorities (PEM) trusted for an https: proxy in place of the system’s',
  'network.proxy.connectBy': 'What it is asked to connect to: the address that was checked, or the name',
  'network.connections': 'Connections to one endpoint at once',
  'network.connections.send': 'For deliveries',
  'network.connections.invoke': 'For live calls, a share of their own',
  templates: 'Formats that webhooks can be sent as',
  'templates.id': { description: 'As webhooks name it', examples: ['lead'] },
  'templates.name': 'Shown to people; the id by default',
  'templates.group': 'Only accounts of this group may use it; all by default',
  'templates.type': 'What the format is',
  'templates.format': {
    description: 'The text that is sent, with tokens such as %ani%',
    examples: ['{"first": "", "phone": "%ani%"}'],
  },
  'templates.fields': {
    description: 'Puts data points where the format has fields: path of the field, data point',
    examples: [{ 'contact.phones.0': 'ani' }],
  },
  webhooks: "Customers' servers and what they are sent",
  'webhooks.id': { description: 'Its name in paths, bindings and metrics', examples: ['crm'] },
  'webhooks.name': 'Shown to people; the id by default',
  'webhooks.account': { description: 'Whose events trigger it', examples: ['acme'] },
  'webhooks.active': 'false: it is not triggered, and what it has already waits',
  'webhooks.timeouts': 'Limits of one request',
  'webhooks.timeouts.connect': { description: 'Look-up, TCP and TLS together, up to 5s', examples: ['2s'] },
  'webhooks.timeouts.response': {
    description: 'From the connection to the last byte of the answer, up to 5s',
    examples: ['3s'],
  },
  'webhooks.retry': 'How deliveries are tried again; an invoke never is',
  'webhooks.retry.schedule': {
    description: 'Wait before attempt 1, 2, …; as many attempts as there are waits',
    examples: [['0s', '30s', '10m', '6h']],
  },
  'webhooks.retry.jitter': 'Share of a wait by which it may be shorter or longer',
  'webhooks.concurrency': 'Requests in flight at once',
  'webhooks.rate': { description: 'Requests it may be sent', examples: ['100/s', '30/m'] },
  'webhooks.ordered': 'Deliveries of one call go out in the order accepted, each when the one before has ended',
  'webhooks.signing': 'Signs every request (Standard Webhooks)',
  'webhooks.signing.secret': 'whsec_ and base64, or any text',
  'webhooks.signing.secrets': 'Several give several signatures, to change a secret without a gap',
  'webhooks.circuit': 'When a failing endpoint is left alone',
  'webhooks.circuit.failures': 'Failures in a row that open it',
  'webhooks.circuit.within': { description: 'Time in which they have to come', examples: ['60s'] },
  'webhooks.circuit.probe': { description: 'One request goes out so often while it is open', examples: ['1s'] },
  'webhooks.network': 'What this webhook may reach beside the engine’s',
  'webhooks.network.allow': {
    description: 'Ranges that may be reached although they are not public',
    examples: [['10.30.0.7/32']],
  },
  'webhooks.tls': 'Whom it trusts, and the certificate that it shows',
  'webhooks.tls.ca': 'Authorities (PEM) trusted in place of the system’s',
  'webhooks.tls.cert': 'Our own certificate in PEM, for servers that demand one',
  'webhooks.tls.key': 'Its private key in PEM, without a password',
  'webhooks.tls.serverName': {
    description: 'Name that the server’s certificate must bear, in place of the host of url',
    examples: ['crm.example.com'],
  },
  'webhooks.backup': {
    description: 'Given back with every backup decision',
    examples: [{ destination: '8005550199' }],
  },
  'webhooks.fallback': 'A second server for invokes',
  'webhooks.fallback.url': 'Absolute URL, http: or https:',
  'webhooks.fallback.after': {
    description:
      'Ask it as well when the first has not answered for so long; without it only when the first has failed',
    examples: ['800ms'],
  },
  'webhooks.fallback.budget': { description: 'For both servers together, up to 10s', examples: ['5s'] },
  'webhooks.url': { description: 'Absolute URL, http: or https:', examples: ['https://crm.example.com/leads'] },
  'webhooks.method': 'HTTP method',
  'webhooks.headers': {
    description: 'Header fields: a mapping, or a list of { name, value }; a value may be a secret',
    examples: [{ 'X-Source': 'phone' }],
  },
  'webhooks.headers.name': 'Name of the field',
  'webhooks.headers.value': 'Its value, or a secret',
  'webhooks.params': {
    description: 'Parameters in the order sent: name and data point, or a list of { name, from } and { name, value }',
    examples: [{ phone: 'ani', source: { value: 'call' } }],
  },
  'webhooks.params.name': 'Name that it is sent under',
  'webhooks.params.from': { description: 'Data point, or a path into one', examples: ['responses.1'] },
  'webhooks.params.value': 'Text that is always the same',
  'webhooks.include': 'Groups of parameters of the platform that are sent too',
  'webhooks.successCodes': { description: 'Statuses that count as success', examples: [[200]] },
  'webhooks.template': { description: 'Id of the template that is sent', examples: ['lead'] },
  'webhooks.answer': 'How the server’s answer is read',
  'webhooks.scope': 'Which calls trigger it where no binding matches',
  'webhooks.option': 'What is sent: details of the call, or an event of Google Analytics 4',
  'webhooks.measurementId': { description: 'Data stream of Google Analytics', examples: ['G-EXAMPLE001'] },
  'webhooks.apiSecret': 'Measurement Protocol API secret of Google Analytics',
  'webhooks.eventName': 'Name of the event in Google Analytics; phone_call by default',
  'webhooks.body': { description: 'The text that is sent, with tokens', examples: ['{"caller": "%ani%"}'] },
  'webhooks.contentType': 'What the text in body is',
  'webhooks.setVariable': { description: 'Variable that a text answer goes into', examples: ['balance'] },
  'webhooks.sendOnHangup': 'Sent when the call ends, whatever is answered, instead of while it waits',
  'webhooks.tokens': 'How tokens are written: percent as %name%, dollar with $ and braces',
  'webhooks.on': { description: 'Types of the events that trigger it', examples: [['call.end']] },
  bindings: 'Which calls trigger which webhooks',
  'bindings.id': 'Any text; account and key by default',
  'bindings.account': 'Whose events count',
  'bindings.number': { description: 'Number that was called', examples: ['8005550001'] },
  'bindings.pool': { description: 'Pool that the number belongs to', examples: ['Main Pool'] },
  'bindings.adGroup': 'Ad group',
  'bindings.campaign': { description: 'Campaign', examples: ['Sales Campaign'] },
  'bindings.treatment': { description: 'Path that the call took', examples: ['Main/Sales'] },
  'bindings.dniCampaign': 'DNI campaign',
  'bindings.ivr': 'Id of the IVR',
  'bindings.process': 'Id of the process (projectid)',
  'bindings.postCall': {
    description: 'Post-call actions, or: account-wide (as if nothing were bound), none',
    examples: [['call-log'], 'none'],
  },
  'bindings.begin': { description: 'Webhooks that are sent when the call begins', examples: [['crm']] },
  'bindings.end': { description: 'Webhooks that are sent when the call ends', examples: [['crm']] },
  'bindings.transcription': { description: 'Webhooks that transcriptions are sent to', examples: [['transcripts']] },
  'bindings.hangup': { description: 'Webhooks that are sent when the call ends', examples: [['hangup-note']] },
  'secret.env': { description: 'Variable of the environment that holds it', examples: ['SWITCH_TOKEN'] },
  'secret.file': { description: 'File that holds it, beside this file', examples: ['./switch.secret'] },
}

/** A schema whose keys, and those of all that is in it, are described; `path` is its own. */
export function describeKeys(schema: JsonSchema, path: string): JsonSchema {
  const row = KEY_DESCRIPTIONS[path]
  return { ...rowMembers(row), ...describeInside(schema, path) }
}

function describeInside(schema: JsonSchema, path: string): JsonSchema {
  const members = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    switch (keyword) {
      case 'properties':
        return [keyword, isSchema(value) ? describeProperties(value, path) : value]
      case 'items':
      case 'additionalProperties':
        return [keyword, isSchema(value) ? describeInside(value, path) : value]
      case 'anyOf':
      case 'oneOf':
        return [keyword, Array.isArray(value) ? value.map((each: JsonSchema) => describeInside(each, path)) : value]
      default:
        return [keyword, value]
    }
  })
  return Object.fromEntries(members)
}

function describeProperties(properties: JsonSchema, path: string): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [
      key,
      isSchema(schema) ? describeProperty(key, schema, path) : schema,
    ]),
  )
}

function describeProperty(key: string, schema: JsonSchema, path: string): JsonSchema {
  // What stands elsewhere is described there; a description beside the reference would hide it.
  if ('$ref' in schema || 'const' in schema) return schema
  const own = `${path}.${key}`
  return describeKeys(schema, Object.hasOwn(KEY_DESCRIPTIONS, own) ? own : `secret.${key}`)
}

function rowMembers(row: Row | undefined): JsonSchema {
  return typeof row === 'string' ? { description: row } : (row ?? {})
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
