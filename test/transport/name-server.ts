/**
 * A name server of the tests' own (RFC 1035 over UDP, on 127.0.0.1), which answers each question as a case says and may say
 * something else the next time. Real packets: what asks it is the transport's own resolver.
 */
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { nameServerResolver } from '../../src/transport/resolver.ts'
import { Transport, type TransportOptions } from '../../src/transport/transport.ts'

/** Addresses and `CNAME name` in the order of the answer; or no such name, a failure, no answer at all. */
export type Zone = readonly string[] | 'nxdomain' | 'servfail' | 'silent'

/** What is known of a name: one answer for ever, or one after the other, the last for ever. */
export type Answers = Zone | { readonly inTurn: readonly Zone[] }

/** A name server that is running. */
export interface NameServer extends AsyncDisposable {
  /** For `Resolver.setServers`. */
  readonly address: string
  /** `A hooks.test`, in the order of asking. */
  readonly questions: readonly string[]
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA' }
const CNAME = 5

/** Starts a name server that knows `names`, or single questions such as `AAAA hooks.test`; `ttlSeconds` stands in all its answers. */
export async function startNameServer(names: Readonly<Record<string, Answers>>, ttlSeconds = 0): Promise<NameServer> {
  const known = new Map(Object.entries(names))
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query)
    const question = `${TYPES[type] ?? type} ${name}`
    const turn = questions.filter((each) => each === question).length
    questions.push(question)
    const answers = known.get(question) ?? known.get(name) ?? 'nxdomain'
    const zone =
      typeof answers === 'object' && 'inTurn' in answers ? (answers.inTurn[turn] ?? answers.inTurn.at(-1)) : answers
    if (zone === undefined || zone === 'silent') return
    socket.send(answerTo(query.subarray(0, end), name, type, zone, ttlSeconds), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

/** A transport that asks `server` alone; the tests' names stand in no hosts file. */
export function transportAsking(server: NameServer, options: Partial<TransportOptions> = {}): Transport {
  return new Transport({
    maxConnectionsPerEndpoint: 4,
    dns: { resolver: nameServerResolver({ servers: [server.address] }), negativeTtlMs: 0 },
    ...options,
  })
}

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size))
    at += size + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answerTo(question: Buffer, name: string, type: number, zone: Exclude<Zone, 'silent'>, ttl: number): Buffer {
  const records: Buffer[] = []
  let owner = name
  for (const entry of typeof zone === 'string' ? [] : zone) {
    const alias = /^CNAME (.*)$/.exec(entry)?.[1]
    if (alias !== undefined) {
      records.push(record(owner, CNAME, ttl, encodeName(alias)))
      owner = alias
    } else if (isIPv6(entry) === (type === 28)) {
      records.push(record(owner, type, ttl, Buffer.from(ipaddr.parse(entry).toByteArray())))
    }
  }
  const head = Buffer.from(question)
  const code = zone === 'nxdomain' ? 3 : zone === 'servfail' ? 2 : 0
  head.writeUInt16BE(0x8180 | code, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(records.length, 6)
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, ...records])
}

function record(owner: string, type: number, ttl: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(type, 0)
  fields.writeUInt16BE(1, 2)
  fields.writeUInt32BE(ttl, 4)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([encodeName(owner), fields, data])
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}
