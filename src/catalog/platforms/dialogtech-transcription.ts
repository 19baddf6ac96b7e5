/**
 * Data points of a completed transcription (document dialogtech-ivr-webhook, "Transcription Postback"), in its order.
 * `survo_id` and `unique_id` are what the IVR webhook calls `ivr_id` and `ivr_response_id`.
 */
import type { CatalogPlatform } from '../description.ts'

/** DialogTech's transcription postback: 6 data points. */
export const DIALOGTECH_TRANSCRIPTION: CatalogPlatform = {
  id: 'dialogtech-transcription',
  title: 'DialogTech transcription postback',
  categories: [
    {
      name: 'transcription',
      dataPoints: [
        {
          name: 'survo_id',
          description: 'Building block id of the IVR; taken from `ivr_id` where it is missing',
          example: '12345',
        },
        {
          name: 'unique_id',
          description: 'The caller’s run through the IVR; taken from `ivr_response_id` where it is missing',
          example: '9876543',
        },
        { name: 'question', description: 'Number of the question whose answer was transcribed', example: 1 },
        { name: 'duration', description: 'Length of the recorded answer in seconds', example: 12 },
        { name: 'date', description: 'Day on which it was transcribed', example: '2019-03-27' },
        { name: 'text', description: 'What was said', example: 'The service was very friendly' },
      ],
    },
  ],
}
