/**
 * What the engine itself reads from events and no platform's document names: inputs of derived data points and of routing.
 * Categories use AutoID's words: what only the end of a call tells stands under `call_end`, so that a template for
 * `call.begin` that uses it can be warned about.
 */
import type { CatalogPlatform } from '../description.ts'

/** Switchhook's own data points. */
export const SWITCHHOOK: CatalogPlatform = {
  id: 'switchhook',
  title: 'Switchhook',
  categories: [
    {
      name: 'call_begin',
      dataPoints: [
        {
          name: 'started_at',
          description: 'When the call began, RFC 3339; gives `date_time`, `call_date` and `call_start_time`',
          example: '2019-03-28T00:05:00Z',
        },
        {
          name: 'ad_group',
          description: 'Ad group of the call, by which post-call bindings are found',
          example: 'Air Conditioning',
        },
        {
          name: 'treatment',
          description: 'Path the caller took through the call treatment, by which bindings are found',
          example: 'Main/Sales',
        },
        {
          name: 'dni_campaign',
          description: 'Digital campaign of the call, by which bindings are found',
          example: 'Spring Sale',
        },
      ],
    },
    {
      name: 'call_end',
      dataPoints: [
        {
          name: 'ended_at',
          description: 'When the call ended, RFC 3339; gives `call_end_time`',
          example: '2019-03-28T00:05:30Z',
        },
        {
          name: 'intelligent_seconds',
          description: 'Seconds before the parties were connected; gives `intelligent_minutes` and the totals',
          example: 7,
        },
        {
          name: 'enhanced_seconds',
          description: 'Seconds during which the call was recorded; gives `enhanced_minutes`',
          example: 23,
        },
      ],
    },
    {
      name: 'ivr',
      dataPoints: [
        {
          name: 'responses',
          description: 'Answers to the IVR’s questions by the question’s number, recorded ones apart: `responses.1`',
          example: { '1': '5' },
        },
      ],
    },
  ],
}
