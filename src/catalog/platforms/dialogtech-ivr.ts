/**
 * Data points that every DialogTech IVR webhook is sent (document dialogtech-ivr-webhook, "Available IVR Generated
 * Parameters" and "Include SourceTrak Data"), in the document's order: requests are made in it.
 */
import type { CatalogPlatform } from '../description.ts'
import { sourceTrak } from './sourcetrak.ts'

/** DialogTech's IVR webhook: 12 data points of the IVR, 22 of SourceTrak. */
export const DIALOGTECH_IVR: CatalogPlatform = {
  id: 'dialogtech-ivr',
  title: 'DialogTech IVR webhook',
  categories: [
    {
      name: 'ivr',
      dataPoints: [
        { name: 'ivr_number_called', description: 'Number that was dialled to reach the IVR', example: '8005550001' },
        { name: 'ivr_caller_id', description: 'Number of the caller, where it is known', example: '2223334444' },
        { name: 'ivr_id', description: 'Building block id of the IVR', example: '12345' },
        { name: 'ivr_response_id', description: 'Identifies this caller’s run through the IVR', example: '9876543' },
        {
          name: 'ivr_timestamp',
          description: 'When the caller began to interact with the IVR',
          example: '2019-03-27 20:05:02',
        },
        {
          name: 'ivr_pass_through',
          description: 'What the last next action of this call passed on for the next request, unchanged',
          example: 'user_id|90786||step|verify_user',
        },
        { name: 'ivr_session_id', description: 'Identifies the call', example: 'b2f5ff47436671b6' },
        {
          name: 'ivr_completed',
          description: 'True where the caller reached the end of the IVR, False where not (mostly by hanging up)',
          example: 'True',
        },
        { name: 'ivr_call_result', description: 'How an outbound IVR’s call ended', example: 'Answered' },
        {
          name: 'ivr_monitored_time',
          description: 'How long a recorded transfer from the IVR lasted, in seconds',
          example: 23,
        },
        { name: 'ivr_opted_out', description: 'What the caller chose when offered to opt out', example: 'No' },
        { name: 'ivr_phone_label', description: 'Label of the number that was dialled', example: 'Radio Ad' },
      ],
    },
    sourceTrak('st_referrer'),
  ],
}
