/**
 * Hostile URLs, each in every spelling that some library reads as an address, entered in a webhook and sent for real: refused by the
 * rule that is named, with no connection to anything on this machine. PORT is that of a server which must never hear of it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Transport } from '../../src/transport/transport.ts'
import { type Canary, outcomeOf, startCanary } from './hostile-url.ts'

/** URLs by the rule that refuses them. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'loopback (127.0.0.0/8)': [
    'http://127.0.0.1:PORT',
    'https://127.0.0.1:PORT',
    'HTTP://127.0.0.1:PORT',
    ' http://127.0.0.1:PORT ',
    'http://127.0.0.2:PORT',
    'http://127.255.255.254:PORT',
    'http://127.1:PORT',
    'http://127.0.1:PORT',
    'http://2130706433:PORT',
    'http://0x7f000001:PORT',
    'http://0X7F.0x0.0x0.0x1:PORT',
    'http://0x7f.1:PORT',
    'http://017700000001:PORT',
    'http://0177.0.0.1:PORT',
    'http://0177.0.0.01:PORT',
    'http://00000177.0.0.1:PORT',
    'http://127.0.0.1.:PORT',
    'http://127.1.:PORT',
    'http://127.0.0.0x:PORT',
    'http://%31%32%37.0.0.1:PORT',
    'http://127%2e0%2E0%2e1:PORT',
    'http://１２７.０.０.１:PORT',
    'http://127。0。0。1:PORT',
    'http://127｡0｡0｡1:PORT',
    'http://①②⑦.⓪.⓪.①:PORT',
    'http://127.0.0.1:0PORT',
    'http://0x7f。1:PORT',
    'http://public.example.com@127.0.0.1:PORT',
    'http://public.example.com:80@127.0.0.1:PORT/',
    'http://8.8.8.8%40x@127.0.0.1:PORT/',
    'http://a:b@127.0.0.1:PORT/@8.8.8.8/',
    'http://127.0.0.1:PORT\\@8.8.8.8/',
    'http://127.0.0.1:PORT#@8.8.8.8/',
    'http://127.0.0.1:PORT?@8.8.8.8/',
    'http://127.0.0.1:PORT/\\8.8.8.8',
    'http://1\t27.0.0.1:PORT',
    'http://127.0.0\n.1:PORT',
    'http://127.0.0.\u00ad1:PORT',
    'http://127.0.0.\u200b1:PORT',
  ],
  'loopback (::1/128)': [
    'http://[::1]:PORT',
    'http://[0:0:0:0:0:0:0:1]:PORT',
    'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT',
    'http://[::0001]:PORT',
    'http://[::0.0.0.1]:PORT',
    'http://user@[::1]:PORT',
  ],
  'an IPv4-mapped address (::ffff:0:0/96)': [
    'http://[::ffff:127.0.0.1]:PORT',
    'http://[::ffff:7f00:1]:PORT',
    'http://[::FFFF:127.0.0.1]:PORT',
    'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT',
    'http://[::ffff:169.254.169.254]',
    'http://[::ffff:10.0.0.1]',
    'http://[::ffff:0.0.0.0]:PORT',
    'http://[::ffff:8.8.8.8]',
  ],
  'an IPv4-compatible address (::/96)': [
    'http://[::127.0.0.1]:PORT',
    'http://[::7f00:1]:PORT',
    'http://[::169.254.169.254]',
    'http://[::2]',
  ],
  'not global unicast (2000::/3)': [
    'http://[::ffff:0:127.0.0.1]:PORT',
    'http://[4000::1]',
    'http://[1::]',
    'http://[1fff:ffff::1]',
    'http://[e000::1]',
    'http://[f000::1]',
  ],
  'unspecified (::/128)': ['http://[::]:PORT', 'http://[0:0:0:0:0:0:0:0]:PORT', 'http://[::0.0.0.0]:PORT'],
  'this network (0.0.0.0/8)': [
    'http://0.0.0.0:PORT',
    'http://0:PORT',
    'http://0x0:PORT',
    'http://00000:PORT',
    'http://0.0.0.0.:PORT',
    'http://0.1.2.3:PORT',
  ],
  'an IPv4 address behind NAT64 (64:ff9b::/96)': [
    'http://[64:ff9b::127.0.0.1]',
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[0064:ff9b:0:0:0:0:10.0.0.1]',
    'http://[64:ff9b::8.8.8.8]',
  ],
  'an IPv4 address behind NAT64 (64:ff9b:1::/48)': ['http://[64:ff9b:1::10.0.0.1]', 'http://[64:ff9b:1:ffff::1]'],
  'a 6to4 tunnel (2002::/16)': ['http://[2002:7f00:1::]', 'http://[2002:a9fe:a9fe::1]', 'http://[2002:a00:1::1]'],
  'a Teredo tunnel (2001::/32)': ['http://[2001:0:a00:1::80ff:fffe]', 'http://[2001::1]'],
  'an ISATAP tunnel (RFC 5214)': ['http://[2606:4700::5efe:10.0.0.1]', 'http://[2606:4700::200:5efe:7f00:1]'],
  'link-local, where clouds keep their metadata (169.254.0.0/16)': [
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0xA9.0xFE.0xA9.0xFE/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://169.16689662/',
    'http://169.254.169.254./',
    'http://169。254。169。254/',
    'http://169.254.170.2/',
  ],
  'unique local (fc00::/7)': [
    'http://[fd00:ec2::254]/',
    'http://[fd20:ce::254]/',
    'http://[fc00::1]',
    'http://[fdff::1]',
  ],
  'link-local (fe80::/10)': ['http://[fe80::1]', 'http://[febf::1]', 'http://[fe80::a9fe:a9fe]'],
  'site-local (fec0::/10)': ['http://[fec0::1]'],
  'shared by carrier NAT (100.64.0.0/10)': ['http://100.100.100.200/', 'http://100.64.0.1', 'http://1684300900/'],
  'the Azure platform (168.63.129.16/32)': ['http://168.63.129.16/', 'http://0xa83f8110/'],
  'kept for IETF protocols (192.0.0.0/24)': ['http://192.0.0.192/', 'http://192.0.0.8', 'http://192.0.0.170'],
  'kept for IETF protocols (2001::/23)': ['http://[2001:1::1]', 'http://[2001:2::1]', 'http://[2001:20::1]'],
  'private (10.0.0.0/8)': ['http://10.0.0.1', 'http://10.1', 'http://012.0.0.1', 'http://167772161'],
  'private (172.16.0.0/12)': ['http://172.16.0.1', 'http://172.31.255.255', 'http://0xac100001'],
  'private (192.168.0.0/16)': ['http://192.168.0.1', 'http://192.168.257', 'http://0300.0250.1', 'http://3232235521'],
  'for documentation (192.0.2.0/24)': ['http://192.0.2.1'],
  'for documentation (198.51.100.0/24)': ['http://198.51.100.1'],
  'for documentation (203.0.113.0/24)': ['http://203.0.113.1'],
  'for documentation (2001:db8::/32)': ['http://[2001:db8::1]'],
  'for documentation (3fff::/20)': ['http://[3fff::1]'],
  'for benchmarks (198.18.0.0/15)': ['http://198.18.0.1', 'http://198.19.255.255'],
  'for segment routing (5f00::/16)': ['http://[5f00::1]'],
  'for sinking look-ups (AS112) (192.31.196.0/24)': ['http://192.31.196.1'],
  'for sinking look-ups (AS112) (192.175.48.0/24)': ['http://192.175.48.1'],
  'for sinking look-ups (AS112) (2620:4f:8000::/48)': ['http://[2620:4f:8000::1]'],
  'a multicast tunnel relay (192.52.193.0/24)': ['http://192.52.193.1'],
  'a 6to4 relay (192.88.99.0/24)': ['http://192.88.99.1'],
  'discard-only (100::/64)': ['http://[100::1]'],
  'a dummy prefix (100:0:0:1::/64)': ['http://[100:0:0:1::1]'],
  'multicast (224.0.0.0/4)': ['http://224.0.0.1', 'http://239.255.255.250:1900'],
  'multicast (ff00::/8)': ['http://[ff02::1]', 'http://[ff05::1:3]'],
  'reserved (240.0.0.0/4)': ['http://240.0.0.1', 'http://4026531841'],
  'broadcast (255.255.255.255/32)': [
    'http://255.255.255.255',
    'http://4294967295',
    'http://0xffffffff',
    'http://037777777777',
  ],
}

/** URLs that are none, or that smuggle a host past a reader: mistakes of the configuration. */
const MISTAKES: readonly string[] = [
  'http://4294967296',
  'http://256.0.0.1',
  'http://1.2.3.4.5',
  'http://0x1ffffffff',
  'http://[::1%25lo]:PORT',
  'http://[fe80::1%eth0]',
  'http://[::1',
  'http://::1:PORT',
  'http://[127.0.0.1]:PORT',
  'http://[::ffff:127.1]:PORT',
  'http://[::ffff:0x7f.0.0.1]',
  'http:///127.0.0.1:PORT',
  'http:\\\\127.0.0.1:PORT',
  'http:/127.0.0.1:PORT',
  'http:127.0.0.1:PORT',
  '//127.0.0.1:PORT',
  '127.0.0.1:PORT',
  'http://',
  'http://@',
  'http://127.0.0.1:65536',
  'http://127.0.0.1:PORT:80',
  'http://127.0.0.1%00.example.com',
  'http://127.0.0.1%20.example.com',
  'http://exa mple.com',
  'http://a<b.example.com',
  'http://%host%/',
  'http://%ani%.example.com/',
  'http://example.com:%ani%/',
  'http://%ani%@example.com/',
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_INFO',
  'unix:/var/run/docker.sock',
  'data:text/plain,x',
  'javascript:alert(1)',
  'blob:http://127.0.0.1/x',
  'http+unix://%2fvar%2frun%2fdocker.sock/',
]

let canary: Canary
let transport: Transport
const withPort = (url: string) => url.replaceAll('PORT', String(canary.port))

beforeAll(async () => {
  canary = await startCanary()
  transport = new Transport({ maxConnectionsPerEndpoint: 4 })
})

afterAll(async () => {
  await transport.close(0)
  await canary[Symbol.asyncDispose]()
})

describe('A webhook’s URL', () => {
  const cases = Object.entries(REFUSED).flatMap(([rule, urls]) => urls.map((url) => [url, rule] as const))

  test.each(cases)('%j is refused as %s', async (url, rule) => {
    const outcome = await outcomeOf(withPort(url), transport)
    expect(outcome).toMatch(/^address-refused: \S+ is /)
    expect(outcome.slice(outcome.indexOf(' is ') + ' is '.length)).toBe(rule)
    expect(canary.accepted()).toBe(0)
  })

  test.each(MISTAKES)('%j is a mistake', async (url) => {
    expect(await outcomeOf(withPort(url), transport)).toMatch(/^mistake: f:1:\d+ webhooks\.0\.url: /)
    expect(canary.accepted()).toBe(0)
  })
})

describe('What the operator allows', () => {
  test.each([
    ['127.0.0.0/8', 'http://127.0.0.1:PORT'],
    ['127.0.0.0/8', 'http://[::ffff:127.0.0.1]:PORT'],
    ['::ffff:127.0.0.0/104', 'http://127.0.0.1:PORT'],
    ['::1/128', 'http://[::1]:PORT'],
  ])('%s opens %s', async (range, url) => {
    const before = canary.accepted()
    expect(await outcomeOf(withPort(url), transport, [range])).toMatch(/^connection: /)
    expect(canary.accepted()).toBe(before + 1)
  })

  test.each([
    ['::/0', 'http://[::ffff:127.0.0.1]:PORT'],
    ['::/0', 'http://127.0.0.1:PORT'],
    ['::1/128', 'http://127.0.0.1:PORT'],
    ['127.0.0.1/32', 'http://127.0.0.2:PORT'],
    ['127.0.0.0/8', 'http://[::1]:PORT'],
    ['127.0.0.0/8', 'http://0.0.0.0:PORT'],
    ['64:ff9b::/96', 'http://[64:ff9b::10.0.0.1]'],
    ['64:ff9b::/96', 'http://[64:ff9b::a9fe:a9fe]'],
    ['2002::/17', 'http://[2002:8a00:1::1]'],
  ])('%s does not open %s', async (range, url) => {
    const before = canary.accepted()
    expect(await outcomeOf(withPort(url), transport, [range])).toMatch(/^address-refused: /)
    expect(canary.accepted()).toBe(before)
  })
})
