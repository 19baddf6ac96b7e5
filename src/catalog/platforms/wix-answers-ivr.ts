/**
 * Members of the payload that a Wix Answers IVR webhook is sent (document wix-answers-ivr-webhook, "Example payload"), in
 * its order and with its values. `from` and `user` are objects: `user.phoneNumbers.0.number` walks into them.
 */
import type { CatalogPlatform } from '../description.ts'

/** Wix Answers' IVR webhook: 4 data points. */
export const WIX_ANSWERS_IVR: CatalogPlatform = {
  id: 'wix-answers-ivr',
  title: 'Wix Answers IVR webhook',
  categories: [
    {
      name: 'payload',
      dataPoints: [
        { name: 'callId', description: 'Identifies the call', example: 'f304229f-dc2c-4c84-bc65-90c92a980dd7' },
        {
          name: 'from',
          description: 'Number of the caller, country code apart',
          example: { countryCode: '111', number: '444444444' },
        },
        {
          name: 'user',
          description: 'What is known about the caller, as an object',
          example: {
            id: '123abc45-67d8-912e-3fg4-56789h0123456',
            email: 'user@domain.com',
            emailStatus: 0,
            creationDate: 1_540_910_161_000,
            lastUpdateDate: 1_540_910_161_000,
            userType: 2,
            firstName: 'User',
            phoneNumbers: [{ countryCode: '111', number: '544444444' }],
            banned: false,
            uri: '/user/123abc45-67d8-912e-3fg4-56789h0123456',
            fullName: 'User User',
            hasEmail: false,
            hasName: false,
            fullPhoneNumbers: ['111-444444444'],
          },
        },
        { name: 'input', description: 'Digits that the caller entered before the # key', example: '1234' },
      ],
    },
  ],
}
