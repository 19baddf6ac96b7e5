/**
 * Which addresses may be connected to: public unicast ones, and those in ranges that the operator allows. Stands between
 * a customer's URL and the carrier's own network (server-side request forgery), so what is not known to be public is refused.
 * Pure; the connector asks it about every address before it connects and once more afterwards.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { SwitchhookError } from '../errors.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A parsed CIDR range. */
export interface AddressRange {
  /** As configured: `10.0.0.0/8`. */
  readonly text: string
  readonly base: Address
  readonly prefixBits: number
}

/** Whether an address may be connected to; `rule` is a sentence that names what refuses it. */
export type AddressVerdict = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly rule: string }

/** Not public unicast, by the IANA special-purpose registries (RFC 6890 and its updates); the first that matches names the rule. */
const REFUSED_RANGES = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by carrier NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'the Azure platform'],
  ['169.254.0.0/16', 'link-local, where clouds keep their metadata'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'kept for IETF protocols'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.88.99.0/24', 'a 6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'for benchmarks'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'an IPv4-mapped address'],
  ['::/96', 'an IPv4-compatible address'],
  ['64:ff9b::/96', 'an IPv4 address behind NAT64'],
  ['64:ff9b:1::/48', 'an IPv4 address behind NAT64'],
  ['100::/64', 'discard-only'],
  ['2001::/32', 'a Teredo tunnel'],
  ['2001::/23', 'kept for IETF protocols'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', 'a 6to4 tunnel'],
  ['3fff::/20', 'for documentation'],
  ['5f00::/16', 'for segment routing'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
] as const

/** All IPv6 global unicast that IANA gives out so far (RFC 4291, section 2.4). */
const GLOBAL_IPV6 = parseAddressRange('2000::/3')

const REFUSALS: readonly { readonly range: AddressRange; readonly name: string }[] = REFUSED_RANGES.map(
  ([text, name]) => ({ range: parseAddressRange(text), name }),
)

const ALLOWED: AddressVerdict = { kind: 'allowed' }

/** Parses a CIDR range; throws a `config` error that shows what would be right. */
export function parseAddressRange(text: string): AddressRange {
  try {
    const [base, prefixBits] = ipaddr.parseCIDR(text)
    return { text, base, prefixBits }
  } catch (cause) {
    throw new SwitchhookError('config', `"${text}" is not a CIDR range such as 10.0.0.0/8 or fd00::/8`, { cause })
  }
}

/** Says whether `address` (a literal, IPv4 or IPv6) may be connected to; ranges in `allow` go before every rule. */
export function guardAddress(address: string, allow: readonly AddressRange[]): AddressVerdict {
  // The library takes short and octal spellings too, which a socket would read in its own way.
  if (isIP(address) === 0) return { kind: 'refused', rule: `"${address}" is not an IP address` }
  const literal = ipaddr.parse(address)
  // An IPv4-mapped IPv6 address reaches the IPv4 one: the operator's ranges mean both.
  const effective = ipaddr.process(address)
  if (allow.some((range) => contains(range, literal) || contains(range, effective))) return ALLOWED
  const refusal = REFUSALS.find(({ range }) => contains(range, literal))
  if (refusal !== undefined) {
    return { kind: 'refused', rule: `${address} is ${refusal.name} (${refusal.range.text})` }
  }
  if (literal.kind() === 'ipv6' && !contains(GLOBAL_IPV6, literal)) {
    return { kind: 'refused', rule: `${address} is not global unicast (${GLOBAL_IPV6.text})` }
  }
  return ALLOWED
}

/** The one spelling of an address, IPv4-mapped ones as IPv4; text that is no address comes back unchanged. */
export function canonicalAddress(address: string): string {
  return isIP(address) !== 0 ? ipaddr.process(address).toString() : address
}

function contains(range: AddressRange, address: Address): boolean {
  return range.base.kind() === address.kind() && address.match(range.base, range.prefixBits)
}
