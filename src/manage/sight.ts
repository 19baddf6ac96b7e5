/**
 * What a caller's accounts let it see, change and name. Invariant: of what belongs to others nobody is told more than that an id
 * can't be had, and that only where it is asked for.
 */
import type { AccountConfig } from '../config/engine-config.ts'
import type { ItemOf, Kind } from '../config/kinds.ts'
import type { Sight } from './draft.ts'
import type { Entry } from './entry.ts'
import type { Accounts } from './requests.ts'

/** What may be named by a webhook or binding that a caller for `accounts` puts. */
export function sightOf(accounts: Accounts, known: readonly AccountConfig[]): Sight {
  if (accounts === 'all') return { mayName: () => true, mayUse: () => true }
  return {
    mayName: (account) => accounts.includes(account),
    mayUse: (group) => group === undefined || isOfGroup(accounts, group, known),
  }
}

/** Whether a caller sees an entry: its own, and templates that one of its accounts may use. */
export function sees<K extends Kind>(
  accounts: Accounts,
  kind: K,
  entry: Entry<ItemOf[K]>,
  known: readonly AccountConfig[],
): boolean {
  if (accounts === 'all') return true
  if (kind !== 'template') return accounts.includes(entry.account)
  if (entry.item === undefined || !('format' in entry.item)) return false
  const { group } = entry.item
  return group === undefined || isOfGroup(accounts, group, known)
}

/** The account of what is put, which names `given`: a token for one account implies it. Undefined: no text, which its schema refuses. */
export function accountOf(
  accounts: Accounts,
  given: unknown,
): string | { readonly missing: string } | { readonly foreign: string } | undefined {
  if (given !== undefined && typeof given !== 'string') return undefined
  if (accounts === 'all') return given ?? 'default'
  const [only, ...others] = accounts
  if (given === undefined) {
    if (only !== undefined && others.length === 0) return only
    return { missing: `is missing: the token is for several accounts; one of ${accounts.join(', ')} is expected` }
  }
  return accounts.includes(given) ? given : { foreign: `The token is not for the account ${given}` }
}

/** Ranges of addresses that are reachable for a webhook although not public. */
export function rangesOf(item: ItemOf[Kind] | undefined): readonly string[] {
  return item !== undefined && 'endpoint' in item ? item.endpoint.allow : []
}

function isOfGroup(accounts: readonly string[], group: string, known: readonly AccountConfig[]): boolean {
  return known.some(({ id, groups }) => accounts.includes(id) && groups.includes(group))
}
