/** Texts and sections of the engine that are wrong, each with the one mistake that is told, to the very column. */

/** Texts that are no configuration. */
export const WRONG_TEXTS: readonly (readonly [text: string, issue: string])[] = [
  ['a: [1\nb: 2', 'f:2:1 Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['listen:\n\tport: 1', 'f:2:1 a tab can not indent: use spaces'],
  ['listen: {}\n---\nlisten: {}', 'f:2:1 a second document begins here: one document is expected'],
  ['listen: { port: 1, port: 2 }', 'f:1:20 this key is there already: keep one of them'],
  ['listen: *here', 'f:1:9 *here names no anchor before it: write the value itself'],
  ['listen: &a { host: *a }', 'f:1:20 *a unfolds without end: write the value itself'],
  ['listen: !new {}', 'f:1:9 Unresolved tag: !new'],
  ['- listen', 'f:1:1 a mapping is expected, not a list'],
  ['5', 'f:1:1 a mapping is expected, not 5'],
]

const port = 'a whole number from 0 to 65535 is expected'
const range = 'a range such as 10.0.0.0/8 or fd00::/8 is expected'
const secret = '{ env: NAME } or { file: PATH } is expected'

/** Wrong sections. */
export const WRONG_SECTIONS: readonly (readonly [text: string, issue: string])[] = [
  ['listn: {}', 'f:1:1 listn: unknown key; did you mean listen?'],
  [
    'colour: {}',
    'f:1:1 colour: unknown key; known here: listen, auth, accounts, dataPoints, store, log, tracing, workers, network, templates, webhooks, bindings',
  ],
  ['listen: 8080', 'f:1:9 listen: a mapping is expected, not 8080'],
  ['listen: { port: -1 }', `f:1:17 listen.port: ${port}, not -1`],
  ['listen: { port: 65536 }', `f:1:17 listen.port: ${port}, not 65536`],
  ['listen: { port: "80" }', `f:1:17 listen.port: ${port}, not "80"`],
  ['listen: { port: 80.5 }', `f:1:17 listen.port: ${port}, not 80.5`],
  ['listen: { host: 5 }', 'f:1:17 listen.host: a text of 1 to 200 characters is expected, not 5 (put it in quotes)'],
  ['listen: { keepAlive: 999ms }', 'f:1:22 listen.keepAlive: 999ms is less than the least allowed, 1s'],
  ['listen: { keepAlive: 61m }', 'f:1:22 listen.keepAlive: 61m is more than the most allowed, 1h'],
  [
    'listen: { keepAlive: 75 }',
    'f:1:22 listen.keepAlive: 75 has no unit: a whole number and one of ms, s, m, h, d is expected',
  ],
  ['auth: { token: [] }', 'f:1:9 auth.token: unknown key; did you mean tokens?'],
  [
    'auth: { tokens: [ { name: a, secret: abc, may: [send] } ] }',
    `f:1:38 auth.tokens.0.secret: a secret does not stand in the file itself: ${secret}`,
  ],
  ['auth: { tokens: [ { name: a, may: [send] } ] }', `f:1:19 auth.tokens.0.secret: is missing: ${secret}`],
  [
    'auth: { tokens: [ { name: a, secret: { env: NO }, may: [send] } ] }',
    'f:1:45 auth.tokens.0.secret.env: the environment has no variable NO: set it before starting',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: EMPTY }, may: [send] } ] }',
    'f:1:45 auth.tokens.0.secret.env: the variable EMPTY is empty: a secret is expected',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: 5 }, may: [send] } ] }',
    'f:1:45 auth.tokens.0.secret.env: the name of a variable is expected, not 5',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { evn: X }, may: [send] } ] }',
    `f:1:38 auth.tokens.0.secret: ${secret}, not a mapping`,
  ],
  [
    'auth: { tokens: [ { name: a, secret: { file: "" }, may: [send] } ] }',
    'f:1:46 auth.tokens.0.secret.file: the path of a file is expected, not ""',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [] } ] }',
    'f:1:59 auth.tokens.0.may: at least one of send, invoke, read and manage is expected',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [write] } ] }',
    'f:1:60 auth.tokens.0.may.0: send, invoke, read or manage is expected, not "write"',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [sned] } ] }',
    'f:1:60 auth.tokens.0.may.0: send, invoke, read or manage is expected, not "sned"; did you mean send?',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: TOKEN } } ] }',
    'f:1:19 auth.tokens.0.may: is missing: a list of rights is expected',
  ],
  [
    'auth: { tokens: [ { name: a, secret: { env: TOKEN }, may: [send], accounts: [] } ] }',
    'f:1:77 auth.tokens.0.accounts: at least one account is expected',
  ],
  ['accounts: [ { groups: [a] } ]', 'f:1:13 accounts.0.id: is missing: a text of 1 to 200 characters is expected'],
  ['accounts: [ { id: a }, { id: a } ]', 'f:1:30 accounts.1.id: a is there already: choose another id'],
  ['accounts: [ { id: a, groups: b } ]', 'f:1:30 accounts.0.groups: a list of groups is expected, not "b"'],
  [
    'dataPoints: [ { name: 5x } ]',
    'f:1:23 dataPoints.0.name: a name (letters, digits, _ and -, a letter or _ first, at most 64) is expected, not "5x"',
  ],
  [
    'dataPoints: [ { name: a, description: 5 } ]',
    'f:1:39 dataPoints.0.description: a text is expected, not 5 (put it in quotes)',
  ],
  ['dataPoints: [ { name: a }, { name: a } ]', 'f:1:36 dataPoints.1.name: a is there already: choose another name'],
  [
    'store: { engine: embedded, servers: [a] }',
    'f:1:28 store.servers: only engine: jetstream has servers: leave it out',
  ],
  [
    'store: { engine: embedded, path: 5 }',
    'f:1:34 store.path: a text of 1 to 4096 characters is expected, not 5 (put it in quotes)',
  ],
  [
    'store: { engine: embedded, minFree: 5 }',
    'f:1:37 store.minFree: 5 has no unit: a whole number and one of B, KiB, MiB, GiB is expected',
  ],
  [
    'store: { engine: memory, minFree: 1MiB }',
    'f:1:26 store.minFree: engine: memory keeps nothing on disk: leave it out',
  ],
  [
    'store: { engine: memory, backlog: { perEndpoint: 0 } }',
    'f:1:50 store.backlog.perEndpoint: a whole number from 1 to 1000000000 is expected, not 0',
  ],
  [
    'store: { engine: memory, retention: { dead: 366d } }',
    'f:1:45 store.retention.dead: 366d is more than the most allowed, 365d',
  ],
  [
    'store: { engine: memory, retention: { size: 16385GiB } }',
    'f:1:45 store.retention.size: 16385GiB is more than the most allowed, 16384GiB',
  ],
  [
    'store: { engine: jetstream, servers: [a] }',
    'f:1:18 store.engine: jetstream is not available in this version: memory or embedded is expected',
  ],
  [
    'store: { engine: memroy }',
    'f:1:18 store.engine: memory or embedded is expected, not "memroy"; did you mean memory?',
  ],
  ['store: { engine: null }', 'f:1:18 store.engine: memory or embedded is expected, not nothing'],
  ['store: { engine: memory, path: ./data }', 'f:1:26 store.path: engine: memory keeps nothing on disk: leave it out'],
  ['tracing: true', 'f:1:10 tracing: a mapping is expected, not true'],
  ['tracing: { enabled: on }', 'f:1:21 tracing.enabled: true or false is expected, not "on"'],
  ['tracing: { enable: true }', 'f:1:12 tracing.enable: unknown key; did you mean enabled?'],
  ['log: debug', 'f:1:6 log: a mapping is expected, not "debug"'],
  ['log: { level: loud }', 'f:1:15 log.level: debug, info, warn or error is expected, not "loud"'],
  ['log: { level: debg }', 'f:1:15 log.level: debug, info, warn or error is expected, not "debg"; did you mean debug?'],
  ['log: { lvel: info }', 'f:1:8 log.lvel: unknown key; did you mean level?'],
  ['workers: -1', 'f:1:10 workers: auto or a whole number from 0 to 256 is expected, not -1'],
  ['workers: 257', 'f:1:10 workers: auto or a whole number from 0 to 256 is expected, not 257'],
  ['network: { allow: [10.0.0/8] }', `f:1:20 network.allow.0: ${range}, not "10.0.0/8"`],
  ['network: { allow: [10.0.0.0/33] }', `f:1:20 network.allow.0: ${range}, not "10.0.0.0/33"`],
  ['network: { allow: [localhost] }', `f:1:20 network.allow.0: ${range}, not "localhost"`],
  ['network: { allow: 10.0.0.0/8 }', 'f:1:19 network.allow: a list of address ranges is expected, not "10.0.0.0/8"'],
  [
    'network: { connections: { send: 0 } }',
    'f:1:33 network.connections.send: a whole number from 1 to 65535 is expected, not 0',
  ],
  [
    'network: { connections: { invoke: 65536 } }',
    'f:1:35 network.connections.invoke: a whole number from 1 to 65535 is expected, not 65536',
  ],
  ['webhooks: {}', 'f:1:11 webhooks: a list of webhooks is expected, not a mapping'],
]
