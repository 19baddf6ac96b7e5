/**
 * What `switchhook init` writes for each profile: a webhook that works as it stands, with the template and binding that it needs, and
 * how it is tried. A profile without an entry here works like any other, and is not offered.
 */

/** What a first webhook is made of. */
export interface FirstWebhook {
  /** What it does, in the list that is chosen from. */
  readonly about: string
  /** Lines of the webhook's mapping below `profile`, without indentation. */
  readonly keys: readonly string[]
  /** Lines of the section `templates`, where it needs one. */
  readonly templates?: readonly string[]
  /** A binding's keys beside its account, with a remark. */
  readonly binding?: { readonly remark: string; readonly keys: string }
  /** The kind of event that `switchhook trigger` plays; `call.ivr` asks the webhook. */
  readonly kind: 'call.end' | 'transcription.completed' | 'call.ivr'
  /** What the receiver has to answer with, where an empty answer says nothing. */
  readonly answer?: string
}

/** By profile, in the order in which they are offered. */
export const FIRST_WEBHOOKS: ReadonlyMap<string, FirstWebhook> = new Map([
  [
    'custom',
    {
      about: 'what you like, in JSON, XML or a form, when a call ends',
      keys: [
        'on: [call.end] # the events that trigger it',
        '# The request. %tokens% are data points of the event; `switchhook catalog` lists them.',
        'body: |',
        '  { "call": "%callid%", "caller": "%ani%", "seconds": "%answered_time%" }',
      ],
      kind: 'call.end',
    },
  ],
  [
    'autoid',
    {
      about: 'AutoID webhook: a template in JSON or XML, at the begin or end of the calls of a campaign',
      keys: ['template: lead'],
      templates: [
        '# What is sent. `fields` puts data points where the format has fields, and %tokens% stand anywhere;',
        '# `switchhook extract FILE` lists the fields of a format, `switchhook catalog autoid` the data points.',
        '- id: lead',
        '  type: json # or xml',
        '  format: |',
        '    { "name": "", "phone": "", "campaign": "%campaign_name%", "seconds": %answered_time% }',
        '  fields: { name: ani_full_name, phone: ani }',
      ],
      binding: {
        remark:
          'AutoID webhooks are sent for calls of the campaigns that name them: at their begin, their end, or both.',
        keys: 'campaign: Sales Campaign, begin: [], end: [first]',
      },
      kind: 'call.end',
    },
  ],
  [
    'dialogtech-post-call',
    {
      about: 'DialogTech post-call action: a report of every call when it ends',
      keys: [
        '# Parameters of your choice: name, and the data point it is sent with.',
        'params: { caller: caller_id, called: called_number, minutes: talk_minutes }',
        'scope: all-calls # or configured-numbers, with a binding for each number',
      ],
      kind: 'call.end',
    },
  ],
  [
    'dialogtech-ivr',
    {
      about: 'DialogTech IVR webhook: a live call asks what to say, or what to do next',
      keys: [
        'answer: message # the answer is read to the caller; next-action: it is an <action> in XML',
        'backup: { queue: front-desk } # given back to the switch when there is no usable answer',
      ],
      kind: 'call.ivr',
      answer: 'Thank you for calling',
    },
  ],
  [
    'dialogtech-transcription',
    {
      about: 'DialogTech transcription: what a caller said, as soon as it is text',
      keys: [],
      kind: 'transcription.completed',
    },
  ],
  [
    'vcc-live-ivr',
    {
      about: 'VCC Live IVR webhook: a live call sends variables, and the answer sets some',
      keys: [
        'contentType: json',
        `# \${variables} of the call; \`switchhook catalog vcc-live-ivr\` lists them.`,
        'body: |',
        `  { "caller": "\${source}", "called": "\${destination}" }`,
        'backup: { queue: front-desk } # given back to the switch when there is no usable answer',
      ],
      kind: 'call.ivr',
      answer: '{"queue": "sales"}',
    },
  ],
  [
    'wix-answers-ivr',
    {
      about: 'Wix Answers IVR webhook: what the caller typed leads to the next IVR, or ends the call',
      keys: ['backup: { queue: front-desk } # given back to the switch when there is no usable answer'],
      kind: 'call.ivr',
    },
  ],
])
