/** Webhooks that are wrong, each with all mistakes that are told, to the very column. */

/** One webhook, its last key on line 5 from column 5 on. */
export const webhook = (key: string): string =>
  ['webhooks:', '  - id: hook', '    profile: custom', '    url: https://x.example.com/', `    ${key}`].join('\n')

/** What a custom webhook must have. */
export const CUSTOM = 'profile: custom, url: "https://x.example.com/"'

const path = (key: string) => `webhooks.0.${key}`

/** One wrong key, as {@link webhook} puts it into a webhook. */
export const WRONG_WEBHOOK_KEYS: readonly (readonly [keys: string, issue: string])[] = [
  ['timeouts: { connect: 5001ms }', `f:5:26 ${path('timeouts.connect')}: 5001ms is more than the most allowed, 5s`],
  ['timeouts: { response: 0s }', `f:5:27 ${path('timeouts.response')}: 0s is less than the least allowed, 1ms`],
  ['timeouts: { read: 1s }', `f:5:17 ${path('timeouts.read')}: unknown key; known here: connect, response`],
  ['timeout: { connect: 1s }', `f:5:5 ${path('timeout')}: unknown key; did you mean timeouts?`],
  ['succesCodes: [200]', `f:5:5 ${path('succesCodes')}: unknown key; did you mean successCodes?`],
  ['success_codes: [200]', `f:5:5 ${path('success_codes')}: unknown key; did you mean successCodes?`],
  ['retry: { schedule: [] }', `f:5:24 ${path('retry.schedule')}: at least one attempt is expected`],
  [
    'retry: { schedule: [5] }',
    `f:5:25 ${path('retry.schedule.0')}: 5 has no unit: a whole number and one of ms, s, m, h, d is expected`,
  ],
  ['retry: { schedule: 5s }', `f:5:24 ${path('retry.schedule')}: a list of durations is expected, not "5s"`],
  ['retry: { schedule: [366d] }', `f:5:25 ${path('retry.schedule.0')}: 366d is more than the most allowed, 365d`],
  ['retry: { jitter: 1.1 }', `f:5:22 ${path('retry.jitter')}: a number from 0 to 1 is expected, not 1.1`],
  ['retry: { jitter: -0.1 }', `f:5:22 ${path('retry.jitter')}: a number from 0 to 1 is expected, not -0.1`],
  ['concurrency: 0', `f:5:18 ${path('concurrency')}: a whole number from 1 to 10000 is expected, not 0`],
  ['concurrency: 10001', `f:5:18 ${path('concurrency')}: a whole number from 1 to 10000 is expected, not 10001`],
  ['rate: 0/s', `f:5:11 ${path('rate')}: a rate from 1/h to 1000000/s is expected, not 0/s`],
  ['rate: 1000001/s', `f:5:11 ${path('rate')}: a rate from 1/h to 1000000/s is expected, not 1000001/s`],
  ['rate: 5', `f:5:11 ${path('rate')}: 5 has no unit: a whole number and one of /s, /m, /h is expected`],
  ['ordered: yes', `f:5:14 ${path('ordered')}: true or false is expected, not "yes"`],
  ['active: 1', `f:5:13 ${path('active')}: true or false is expected, not 1`],
  ['name: 5', `f:5:11 ${path('name')}: a text of 1 to 200 characters is expected, not 5 (put it in quotes)`],
  ['signing: {}', `f:5:14 ${path('signing')}: either secret or secrets is expected`],
  [
    'signing: { secret: abc }',
    `f:5:24 ${path('signing.secret')}: a secret does not stand in the file itself: { env: NAME } or { file: PATH } is expected`,
  ],
  [
    'signing: { secret: { env: TOKEN }, secrets: [{ env: TOKEN }] }',
    `f:5:14 ${path('signing')}: either secret or secrets is expected`,
  ],
  ['signing: { secrets: [] }', `f:5:25 ${path('signing.secrets')}: at least one secret is expected`],
  [
    'signing: { secret: { env: BROKEN } }',
    `f:5:24 ${path('signing.secret')}: whsec_ is followed by base64, and this is not`,
  ],
  ['circuit: on', `f:5:14 ${path('circuit')}: off or { failures, within, probe } is expected, not "on"`],
  ['circuit: { failures: 0 }', `f:5:26 ${path('circuit.failures')}: a whole number from 1 to 1000 is expected, not 0`],
  [
    'circuit: { failures: 1001 }',
    `f:5:26 ${path('circuit.failures')}: a whole number from 1 to 1000 is expected, not 1001`,
  ],
  ['circuit: { within: 25h }', `f:5:24 ${path('circuit.within')}: 25h is more than the most allowed, 1d`],
  ['circuit: { probes: 1s }', `f:5:16 ${path('circuit.probes')}: unknown key; did you mean probe?`],
  ['backup: extension 5', `f:5:13 ${path('backup')}: a mapping is expected, not "extension 5"`],
  ['fallback: { after: 1s }', `f:5:15 ${path('fallback.url')}: is missing: a text of 1 to 8192 characters is expected`],
  [
    'fallback: { url: "https://y", after: 10s }',
    `f:5:42 ${path('fallback.after')}: the budget of both servers is over by then: a shorter wait is expected`,
  ],
  [
    'fallback: { url: "https://y", budget: 10001ms }',
    `f:5:43 ${path('fallback.budget')}: 10001ms is more than the most allowed, 10s`,
  ],
  [
    'fallback: { url: ftp://y }',
    `f:5:22 ${path('fallback.url')}: scheme "ftp" can't be sent: a URL begins with https:// or http:// and a host`,
  ],
  [
    'network: { allow: [x] }',
    `f:5:24 ${path('network.allow.0')}: a range such as 10.0.0.0/8 or fd00::/8 is expected, not "x"`,
  ],
  ['sendOnHangup: true', `f:5:5 ${path('sendOnHangup')}: custom has no such key: vcc-live-ivr has it`],
  ['scope: all-calls', `f:5:5 ${path('scope')}: custom has no such key: dialogtech-post-call has it`],
  ['template: lead', `f:5:15 ${path('template')}: there is no template lead`],
  [
    'headers: [ { name: Host, value: a } ]',
    `f:5:24 ${path('headers.0.name')}: host is set by the engine and can't be configured: leave it out`,
  ],
  [
    'headers: { X-A: { env: NO } }',
    `f:5:28 ${path('headers.X-A.env')}: the environment has no variable NO: set it before starting`,
  ],
  ['headers: { X-A: "%anj%" }', `f:5:22 ${path('headers.X-A')}: unknown token %anj%: did you mean %ani%?`],
  [
    'headers: [ { value: "a %anj%", name: X-A } ]',
    `f:5:28 ${path('headers.0.value')}: unknown token %anj%: did you mean %ani%?`,
  ],
  ['body: "a=%anj%"', `f:5:14 ${path('body')}: unknown token %anj%: did you mean %ani%?`],
]

const profiles =
  'dialogtech-ivr, dialogtech-transcription, dialogtech-post-call, autoid, vcc-live-ivr, wix-answers-ivr or custom is expected'
const id = 'an id (a-z, 0-9, _ and -, a letter or digit first, at most 64) is expected'

/** Whole configurations with wrong webhooks. */
export const WRONG_WEBHOOKS: readonly (readonly [text: string, issues: readonly string[]])[] = [
  ['webhooks: [ 5 ]', ['f:1:13 webhooks.0: a mapping is expected, not 5']],
  ['webhooks: [ { id: a } ]', [`f:1:13 webhooks.0.profile: is missing: ${profiles}`]],
  [
    'webhooks: [ { id: a, profile: autid } ]',
    [`f:1:31 webhooks.0.profile: ${profiles}, not "autid"; did you mean autoid?`],
  ],
  [
    'webhooks: [ { id: a, profile: custom } ]',
    ['f:1:13 webhooks.0.url: is missing: a text of 1 to 8192 characters is expected'],
  ],
  [`webhooks: [ { id: A, ${CUSTOM} } ]`, [`f:1:19 webhooks.0.id: ${id}, not "A"`]],
  [`webhooks: [ { id: -a, ${CUSTOM} } ]`, [`f:1:19 webhooks.0.id: ${id}, not "-a"`]],
  [`webhooks: [ { ${CUSTOM} } ]`, [`f:1:13 webhooks.0.id: is missing: ${id}`]],
  [
    `webhooks: [ { id: a, ${CUSTOM} }, { id: a, ${CUSTOM} } ]`,
    ['f:1:78 webhooks.1.id: a is there already: choose another id'],
  ],
  [
    'webhooks: [ { id: a, profile: custom, url: "https://%ani%/" } ]',
    [
      'f:1:53 webhooks.0.url: %ani% stands in the scheme, user info, host or port: tokens may stand in path and query only',
    ],
  ],
  [
    'webhooks: [ { id: a, profile: custom, url: "example.com" } ]',
    ['f:1:45 webhooks.0.url: not an absolute URL: a URL begins with https:// or http:// and a host'],
  ],
  [
    'webhooks: [ { id: a, profile: dialogtech-ivr, url: "https://x/%ani%" } ]',
    ['f:1:63 webhooks.0.url: %ani% is not filled in here: send ani as one of params'],
  ],
  [
    'webhooks: [ { id: a, profile: wix-answers-ivr, url: "https://x/", method: GET, body: x, rate: 1 } ]',
    [
      'f:1:75 webhooks.0.method: POST is expected, not "GET"',
      'f:1:80 webhooks.0.body: wix-answers-ivr has no such key: vcc-live-ivr and custom have it',
      'f:1:95 webhooks.0.rate: 1 has no unit: a whole number and one of /s, /m, /h is expected',
    ],
  ],
]
