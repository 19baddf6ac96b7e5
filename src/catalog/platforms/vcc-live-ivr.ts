/**
 * System variables of a VCC Live IVR webhook (document vcc-live-ivr-webhook, "System Variables"), in its order.
 * User variables are the customer's own and have free names; no answer can set a system variable.
 */
import type { CatalogPlatform } from '../description.ts'

/** VCC Live's IVR webhook: 6 system variables. */
export const VCC_LIVE_IVR: CatalogPlatform = {
  id: 'vcc-live-ivr',
  title: 'VCC Live IVR webhook',
  categories: [
    {
      name: 'system',
      dataPoints: [
        { name: 'customer', description: 'Which customer of VCC Live the call belongs to', example: '1042' },
        { name: 'projectid', description: 'Which project the call belongs to', example: '77' },
        { name: 'source', description: 'Number of the caller', example: '36201234567' },
        { name: 'destination', description: 'Number that was called', example: '3617654321' },
        { name: 'uuid', description: 'Identifies the call', example: '7c9e6679-7425-40de-944b-e07fc1f90ae7' },
        { name: 'vccsys_shortid', description: 'Identifies the call in a short form', example: '4F7K2' },
      ],
    },
  ],
}
