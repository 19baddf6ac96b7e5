/** Templates and bindings that are wrong, each with all mistakes that are told, to the very column. */

/** Wrong templates. */
export const WRONG_TEMPLATES: readonly (readonly [text: string, issues: readonly string[]])[] = [
  [
    'templates: [ { id: a, type: json } ]',
    ['f:1:14 templates.0.format: is missing: a text of 1 to 65536 characters is expected'],
  ],
  [
    'templates: [ { id: a, type: jsn, format: "{}" } ]',
    ['f:1:29 templates.0.type: json or xml is expected, not "jsn"; did you mean json?'],
  ],
  [
    'templates: [ { id: a, type: json, format: "{}", feilds: {} } ]',
    ['f:1:49 templates.0.feilds: unknown key; did you mean fields?'],
  ],
  [
    'templates: [ { id: a, type: json, format: "{}", fields: [a] } ]',
    ['f:1:57 templates.0.fields: a mapping is expected, not a list'],
  ],
  [
    'templates: [ { id: a, type: json, format: "{}", fields: { a: 5 } } ]',
    ['f:1:62 templates.0.fields.a: a data point is expected, not 5'],
  ],
  [
    'templates: [ { id: a, type: json, format: "{}" }, { id: a, type: json, format: "{}" } ]',
    ['f:1:57 templates.1.id: a is there already: choose another id'],
  ],
]

const WEBHOOKS = [
  'templates: [ { id: t, type: json, format: "{}" } ]',
  'webhooks:',
  '  - { id: crm, profile: autoid, url: "https://x/", template: t }',
  '  - { id: log, profile: dialogtech-post-call, url: "https://x/" }',
  '  - { id: acme-log, account: acme, profile: dialogtech-post-call, url: "https://x/" }',
  '  - { id: live, profile: vcc-live-ivr, url: "https://x/" }',
  '  - { id: note, profile: vcc-live-ivr, url: "https://x/", sendOnHangup: true }',
  '  - { id: words, profile: dialogtech-transcription, url: "https://x/" }',
]

/** Bindings, one a line, from line 10 on, each at column 5. */
export const bindings = (...items: readonly string[]): string =>
  [...WEBHOOKS, 'bindings:', ...items.map((item) => `  - ${item}`)].join('\n')

const path = 'bindings.0'

/** Wrong bindings, as {@link bindings} puts them below good webhooks. */
export const WRONG_BINDINGS: readonly (readonly [item: string, issues: string | readonly string[]])[] = [
  ['5', `f:10:5 ${path}: a mapping is expected, not 5`],
  [
    '{ postCall: none }',
    `f:10:5 ${path}: is for nothing: one of ivr, number, pool, adGroup, campaign, treatment, dniCampaign or process is expected`,
  ],
  [
    '{ number: 1, pool: a, postCall: none }',
    `f:10:5 ${path}: number and pool stand together: a binding has one of them`,
  ],
  ['{ number: abc, postCall: none }', `f:10:15 ${path}.number: "abc" has no digits: a telephone number is expected`],
  ['{ campaign: [a], begin: [crm] }', `f:10:17 ${path}.campaign: a text is expected, not a list`],
  ['{ number: 1 }', `f:10:5 ${path}: triggers nothing: postCall is expected beside number`],
  ['{ campaign: a }', `f:10:5 ${path}: triggers nothing: begin or end is expected beside campaign`],
  ['{ number: 1, begin: [crm] }', `f:10:18 ${path}.begin: does not go with number: postCall does`],
  ['{ campaign: a, begin: crm }', `f:10:27 ${path}.begin: a list of webhook ids is expected, not "crm"`],
  [
    '{ number: 1, postCall: acount-wide }',
    `f:10:28 ${path}.postCall: account-wide, none or a list of webhook ids is expected, not "acount-wide"; did you mean account-wide?`,
  ],
  ['{ campaign: a, begin: none }', `f:10:27 ${path}.begin: a list of webhook ids is expected, not "none"`],
  ['{ campaign: a, begin: [cmr] }', `f:10:28 ${path}.begin.0: there is no webhook cmr; did you mean crm?`],
  ['{ campaign: a, begin: [5] }', `f:10:28 ${path}.begin.0: a webhook id is expected, not 5`],
  [
    '{ campaign: a, begin: [log] }',
    `f:10:28 ${path}.begin.0: log is a webhook of dialogtech-post-call: one of autoid is expected`,
  ],
  [
    '{ number: 1, postCall: [acme-log] }',
    `f:10:29 ${path}.postCall.0: acme-log belongs to account acme, this binding to default`,
  ],
  ['{ process: 77, hangup: [live] }', `f:10:29 ${path}.hangup.0: live is not sent on call.end: set sendOnHangup there`],
  [
    '{ campain: a, begin: [crm] }',
    [
      `f:10:5 ${path}: is for nothing: one of ivr, number, pool, adGroup, campaign, treatment, dniCampaign or process is expected`,
      `f:10:7 ${path}.campain: unknown key; did you mean campaign?`,
    ],
  ],
  [
    `{ id: ${'x'.repeat(201)}, number: 1, postCall: none }`,
    `f:10:11 ${path}.id: a text of 1 to 200 characters is expected, not "${'x'.repeat(56)}...`,
  ],
  [
    `{ campaign: ${'x'.repeat(184)}, begin: [] }`,
    `f:10:17 ${path}.campaign: is too long to make an id of account and key: give the binding an id of at most 200 characters`,
  ],
]
