/**
 * What the ingress asks of the management, declared by the one who calls it. Everything that can be expected is a value; a
 * promise that rejects means that the store can't write or that something is broken. All calls come from the main thread.
 */
import type {
  ChangeResult,
  EntryPage,
  EntryRequest,
  ListRequest,
  PutRequest,
  RemoveRequest,
  SectionsView,
} from '../../manage/requests.ts'
import type { EntryView } from '../../manage/view.ts'

/** The management as the ingress sees it. */
export interface ManagementPort {
  /** Only what the accounts of the request may see. */
  list(request: ListRequest): Promise<EntryPage>
  /** Undefined: there is none, or it is another account's. */
  get(request: EntryRequest): EntryView | undefined
  /** Resolves when it is durable and in force, or refused. */
  put(request: PutRequest): Promise<ChangeResult>
  /** As {@link put}. */
  remove(request: RemoveRequest): Promise<ChangeResult>
  sections(): SectionsView
}
