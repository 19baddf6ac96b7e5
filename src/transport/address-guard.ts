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

/**
 * Every entry of the IANA special-purpose registries (RFC 6890 and its updates), those for name servers and tunnels that are
 * reachable from everywhere included, since no customer's web server lives there; the first that matches names the rule.
 */
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
  ['192.31.196.0/24', 'for sinking look-ups (AS112)'],
  ['192.52.193.0/24', 'a multicast tunnel relay'],
  ['192.88.99.0/24', 'a 6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'for sinking look-ups (AS112)'],
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
  ['100:0:0:1::/64', 'a dummy prefix'],
  ['2001::/32', 'a Teredo tunnel'],
  ['2001::/23', 'kept for IETF protocols'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', 'a 6to4 tunnel'],
  ['2620:4f:8000::/48', 'for sinking look-ups (AS112)'],
  ['3fff::/20', 'for documentation'],
  ['5f00::/16', 'for segment routing'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
] as const

/** All IPv6 global unicast that IANA gives out so far (RFC 4291, section 2.4). */
const GLOBAL_IPV6 = rangeOf('2000::/3')

/** An IPv4 address written as an IPv6 one, which a socket connects to by IPv4 (RFC 4291, section 2.5.5.2). */
const MAPPED_IPV6 = rangeOf('::ffff:0:0/96')

/** Where a NAT64 gateway puts an IPv4 address into the last four bytes (RFC 6052, section 2.1). */
const NAT64_IPV6 = rangeOf('64:ff9b::/96')

const REFUSALS: readonly { readonly range: AddressRange; readonly name: string }[] = REFUSED_RANGES.map(
  ([text, name]) => ({ range: rangeOf(text), name }),
)

const ALLOWED: AddressVerdict = { kind: 'allowed' }

/**
 * Parses a CIDR range; one of IPv4-mapped addresses is the IPv4 range that it reaches. Throws a `config` error that shows
 * what would be right.
 */
export function parseAddressRange(text: string): AddressRange {
  let range: AddressRange
  try {
    range = rangeOf(text)
  } catch (cause) {
    throw new SwitchhookError('config', `"${text}" is not a CIDR range such as 10.0.0.0/8 or fd00::/8`, { cause })
  }
  const { base, prefixBits } = range
  if (base.kind() !== 'ipv6' || !contains(MAPPED_IPV6, base) || prefixBits < MAPPED_IPV6.prefixBits) return range
  return { text, base: ipaddr.process(base.toString()), prefixBits: prefixBits - MAPPED_IPV6.prefixBits }
}

/** Says whether `address` (a literal, IPv4 or IPv6) may be connected to; ranges in `allow` go before every rule. */
export function guardAddress(address: string, allow: readonly AddressRange[]): AddressVerdict {
  // The library takes short and octal spellings too, which a socket would read in its own way.
  if (isIP(address) === 0) return { kind: 'refused', rule: `"${address}" is not an IP address` }
  const literal = ipaddr.parse(address)
  // An IPv4-mapped IPv6 address reaches the IPv4 one: the operator's IPv4 ranges mean it, those of IPv6 (`::/0`) do not.
  const effective = ipaddr.process(address)
  if (allow.some((range) => contains(range, effective))) {
    // Behind NAT64 it is the IPv4 address that counts: who opens the gateway's prefix does not open what is private there.
    return contains(NAT64_IPV6, effective) ? guardAddress(lastFourBytes(effective), allow) : ALLOWED
  }
  const refusal = REFUSALS.find(({ range }) => contains(range, literal))
  if (refusal !== undefined) {
    return { kind: 'refused', rule: `${address} is ${refusal.name} (${refusal.range.text})` }
  }
  if (!(literal instanceof ipaddr.IPv6)) return ALLOWED
  if (!contains(GLOBAL_IPV6, literal)) {
    return { kind: 'refused', rule: `${address} is not global unicast (${GLOBAL_IPV6.text})` }
  }
  if (isIsatap(literal)) return { kind: 'refused', rule: `${address} is an ISATAP tunnel (RFC 5214)` }
  return ALLOWED
}

/** The one spelling of an address, IPv4-mapped ones as IPv4, without a zone; text that is no address comes back unchanged. */
export function canonicalAddress(address: string): string {
  return isIP(address) !== 0 ? ipaddr.process(address.replace(/%.*$/, '')).toString() : address
}

/** A CIDR range as it stands; throws the library's error. */
function rangeOf(text: string): AddressRange {
  const [base, prefixBits] = ipaddr.parseCIDR(text)
  return { text, base, prefixBits }
}

function contains(range: AddressRange, address: Address): boolean {
  return range.base.kind() === address.kind() && address.match(range.base, range.prefixBits)
}

function lastFourBytes(address: Address): string {
  return address.toByteArray().slice(-4).join('.')
}

/** An IPv4 address in the interface's part, behind `0000:5efe` or `0200:5efe` (RFC 5214, section 6.1). */
function isIsatap({ parts }: ipaddr.IPv6): boolean {
  return ((parts[4] ?? 0) & 0xfdff) === 0 && parts[5] === 0x5efe
}
