/** Which addresses are public, which are not and by which rule, and what an operator's ranges open. */
import { describe, expect, test } from 'vitest'
import { canonicalAddress, guardAddress, parseAddressRange } from '../../src/transport/address-guard.ts'
import { ListenerGuard } from '../../src/transport/listener-guard.ts'

/** The last address before a range, its ends, and the first behind it; nothing where that is not public either. */
const RANGES: readonly (readonly [
  name: string,
  before: string | null,
  first: string,
  last: string,
  behind: string | null,
])[] = [
  ['this network (0.0.0.0/8)', null, '0.0.0.0', '0.255.255.255', '1.0.0.0'],
  ['private (10.0.0.0/8)', '9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
  ['shared by carrier NAT (100.64.0.0/10)', '100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
  ['loopback (127.0.0.0/8)', '126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
  ['the Azure platform (168.63.129.16/32)', '168.63.129.15', '168.63.129.16', '168.63.129.16', '168.63.129.17'],
  [
    'link-local, where clouds keep their metadata (169.254.0.0/16)',
    '169.253.255.255',
    '169.254.0.0',
    '169.254.169.254',
    '169.255.0.0',
  ],
  ['private (172.16.0.0/12)', '172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
  ['kept for IETF protocols (192.0.0.0/24)', '191.255.255.255', '192.0.0.0', '192.0.0.255', '192.0.1.0'],
  ['for documentation (192.0.2.0/24)', '192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
  [
    'for sinking look-ups (AS112) (192.31.196.0/24)',
    '192.31.195.255',
    '192.31.196.0',
    '192.31.196.255',
    '192.31.197.0',
  ],
  ['a multicast tunnel relay (192.52.193.0/24)', '192.52.192.255', '192.52.193.0', '192.52.193.255', '192.52.194.0'],
  ['a 6to4 relay (192.88.99.0/24)', '192.88.98.255', '192.88.99.0', '192.88.99.255', '192.88.100.0'],
  ['private (192.168.0.0/16)', '192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
  [
    'for sinking look-ups (AS112) (192.175.48.0/24)',
    '192.175.47.255',
    '192.175.48.0',
    '192.175.48.255',
    '192.175.49.0',
  ],
  ['for benchmarks (198.18.0.0/15)', '198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
  ['for documentation (198.51.100.0/24)', '198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0'],
  ['for documentation (203.0.113.0/24)', '203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
  ['multicast (224.0.0.0/4)', '223.255.255.255', '224.0.0.0', '239.255.255.255', null],
  ['reserved (240.0.0.0/4)', null, '240.0.0.0', '255.255.255.254', null],
  ['broadcast (255.255.255.255/32)', null, '255.255.255.255', '255.255.255.255', null],
  ['unspecified (::/128)', null, '::', '::', null],
  ['loopback (::1/128)', null, '::1', '::1', null],
  ['an IPv4-compatible address (::/96)', null, '::7f00:1', '::ffff:fffe', null],
  ['an IPv4-mapped address (::ffff:0:0/96)', null, '::ffff:127.0.0.1', '::ffff:8.8.8.8', null],
  ['an IPv4 address behind NAT64 (64:ff9b::/96)', null, '64:ff9b::a00:1', '64:ff9b::ffff:ffff', null],
  ['an IPv4 address behind NAT64 (64:ff9b:1::/48)', null, '64:ff9b:1::', '64:ff9b:1:ffff::', null],
  ['discard-only (100::/64)', null, '100::', '100::ffff', null],
  ['a dummy prefix (100:0:0:1::/64)', null, '100:0:0:1::', '100::1:ffff:ffff:ffff:ffff', null],
  ['a Teredo tunnel (2001::/32)', null, '2001::', '2001:0:ffff::', null],
  ['kept for IETF protocols (2001::/23)', null, '2001:2::', '2001:1ff:ffff::', '2001:200::'],
  ['for documentation (2001:db8::/32)', '2001:db7:ffff::', '2001:db8::', '2001:db8:ffff::', '2001:db9::'],
  ['a 6to4 tunnel (2002::/16)', '2001:ffff::', '2002::', '2002:ffff::', '2003::'],
  [
    'for sinking look-ups (AS112) (2620:4f:8000::/48)',
    '2620:4f:7fff:ffff::',
    '2620:4f:8000::',
    '2620:4f:8000:ffff::',
    '2620:4f:8001::',
  ],
  ['for documentation (3fff::/20)', '3ffe:ffff::', '3fff::', '3fff:fff::', '3fff:1000::'],
  ['for segment routing (5f00::/16)', null, '5f00::', '5f00:ffff::', null],
  ['unique local (fc00::/7)', null, 'fc00::', 'fdff:ffff::', null],
  ['link-local (fe80::/10)', null, 'fe80::1', 'febf:ffff::', null],
  ['site-local (fec0::/10)', null, 'fec0::', 'feff:ffff::', null],
  ['multicast (ff00::/8)', null, 'ff00::', 'ff02::1', null],
  [
    'an ISATAP tunnel (RFC 5214)',
    '2606:4700::5efd:a00:1',
    '2606:4700::5efe:a00:1',
    '2606:4700::5efe:ffff:ffff',
    '2606:4700::5eff:a00:1',
  ],
  [
    'an ISATAP tunnel (RFC 5214)',
    '2606:4700::1ff:5efe:a00:1',
    '2606:4700::200:5efe:a00:1',
    '2606:4700::200:5efe:808:808',
    '2606:4700::201:5efe:a00:1',
  ],
  ['not global unicast (2000::/3)', null, '4000::', 'fbff:ffff::', null],
]

describe('The address guard', () => {
  test.each(RANGES)('refuses what is %s, and nothing around it', (name, before, first, last, behind) => {
    for (const address of [first, last]) {
      expect(guardAddress(address, [])).toEqual({ kind: 'refused', rule: `${address} is ${name}` })
    }
    for (const address of [before, behind]) {
      if (address !== null) expect(guardAddress(address, [])).toEqual({ kind: 'allowed' })
    }
  })

  test.each(['8.8.8.8', '93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '2000::', '3ffe::1'])(
    'allows the public address %s',
    (address) => {
      expect(guardAddress(address, [])).toEqual({ kind: 'allowed' })
    },
  )

  test.each([
    ['127.0.0.0/8', '127.0.0.1', true],
    ['127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['127.0.0.0/8', '::1', false],
    ['10.1.0.0/16', '10.1.255.255', true],
    ['10.1.0.0/16', '10.2.0.0', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fc12::1', false],
    ['169.254.169.254/32', '169.254.169.254', true],
    ['169.254.169.254/32', '169.254.169.253', false],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '::ffff:10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '11.0.0.1', true],
    ['::ffff:10.0.0.0/104', '192.168.0.1', false],
    ['::/0', '::ffff:10.0.0.1', false],
    ['::/0', 'fd00::1', true],
    ['::fffe:0:0/95', '::ffff:10.0.0.1', false],
    ['64:ff9b::/96', '64:ff9b::8.8.8.8', true],
    ['64:ff9b::/96', '64:ff9b::10.0.0.1', false],
    ['64:ff9b:1::/48', '64:ff9b:1::10.0.0.1', true],
  ])('with %s allowed, %s is allowed: %s', (range, address, isAllowed) => {
    const verdict = guardAddress(address, [parseAddressRange(range)])
    expect(verdict.kind).toBe(isAllowed ? 'allowed' : 'refused')
  })

  test('permits behind NAT64 what is permitted without it', () => {
    const allow = ['64:ff9b::/96', '10.0.0.0/8'].map(parseAddressRange)
    expect(guardAddress('64:ff9b::10.0.0.1', allow)).toEqual({ kind: 'allowed' })
    expect(guardAddress('64:ff9b::192.168.0.1', allow)).toEqual({
      kind: 'refused',
      rule: '192.168.0.1 is private (192.168.0.0/16)',
    })
  })

  test.each(['::1%lo', 'fe80::1%eth0', '::ffff:127.0.0.1%1'])('refuses %s, whatever zone it names', (address) => {
    expect(guardAddress(address, [])).toMatchObject({ kind: 'refused' })
  })

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', ':::', '300.1.1.1'])('refuses %j, which is no address', (text) => {
    expect(guardAddress(text, [])).toMatchObject({ kind: 'refused' })
  })

  test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'private', ''])('does not take %j for a range', (text) => {
    expect(() => parseAddressRange(text)).toThrow(`"${text}" is not a CIDR range such as 10.0.0.0/8 or fd00::/8`)
  })

  test.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['::ffff:10.0.0.1%1', '10.0.0.1'],
    ['nonsense', 'nonsense'],
  ])('spells %s as %s', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical)
  })
})

describe('The listener guard', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', 8080, true],
    ['127.0.0.1', '127.0.0.1', 8081, false],
    ['127.0.0.1', '127.0.0.2', 8080, false],
    ['127.0.0.1', '::ffff:127.0.0.1', 8080, true],
    ['127.0.0.1', '0.0.0.0', 8080, true],
    ['0.0.0.0', '127.0.0.53', 8080, true],
    ['0.0.0.0', '93.184.215.14', 8080, false],
    ['::', '::1', 8080, true],
    ['::', '127.0.0.1', 8080, true],
    ['::', '127.0.0.1', 80, false],
  ])('listening on %s port 8080, takes %s port %i for its own: %s', (address, target, port, isOwn) => {
    expect(new ListenerGuard([{ address, port: 8080 }]).isOwn(target, port)).toBe(isOwn)
  })
})
