/**
 * Schemas of what the management's routes take and answer, beside the configurations themselves. Queries are read by them;
 * all of them describe the API to its users.
 */
import { z } from 'zod'
import type { SectionsView } from '../../manage/requests.ts'
import type { EntryView } from '../../manage/view.ts'
import { countField, type Fields, fields, textField } from '../body/fields.ts'
import { PROBLEM_PART, time } from '../openapi/data-schemas.ts'

/** Entries on a page unless the query says otherwise. */
const DEFAULT_PAGE_SIZE = 100

/** Most entries on a page. */
const PAGE_SIZE_LIMIT = 1000

/** Which entries are listed. */
export interface ListQuery {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly account?: string | undefined
}

/** See {@link ListQuery}. */
export const LIST_QUERY: Fields<ListQuery> = fields({
  limit: countField(1, PAGE_SIZE_LIMIT).prefault(DEFAULT_PAGE_SIZE).describe('Most entries on a page'),
  cursor: textField().optional().describe('`next` of the page before'),
  account: textField().optional().describe('Only of this account'),
})

/** An entry as it is answered. */
export const ENTRY_ANSWER: z.ZodType<EntryView> = z.object({
  id: z.string(),
  account: z.exactOptional(z.string()).describe('Not of templates'),
  origin: z.enum(['file', 'api', 'override']).describe("`override`: from the API, in the place of the file's"),
  active: z.exactOptional(z.boolean()).describe('Whether events trigger it; of webhooks alone'),
  etag: z.string().describe('As in the field `etag`'),
  changedAt: z.exactOptional(time()).describe('When the API changed it'),
  revision: z.exactOptional(z.int()),
  config: z.record(z.string(), z.unknown()).describe('As it was written; `{ "hidden": true }` stands for a secret'),
  mistakes: z.exactOptional(z.array(PROBLEM_PART)).describe('Why it can not be used; absent where it is'),
})

/** The sections as they are answered. */
export const SECTIONS_ANSWER: z.ZodType<SectionsView> = z.object({
  revision: z.string(),
  config: z.record(z.string(), z.unknown()),
})
