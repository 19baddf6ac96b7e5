/**
 * What benches send and how it is checked: every process makes the same call of the same number, and a receiver notices a
 * byte that is wrong, missing or sent twice.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BODY_POINTS,
  bodyOf,
  callBody,
  callData,
  eventText,
  numberInBody,
  URL_POINTS,
} from '../../bench/traffic/call-data.ts'
import { checkArrived, expectedFingerprint, FingerprintSum } from '../../bench/traffic/fingerprint.ts'
import { RequestReader } from '../../bench/traffic/request-reader.ts'
import { CATALOG_NAMES } from '../../src/catalog/catalog.ts'

describe('a call', () => {
  test('has 25 data points in its body and 34 in its URL, all of the catalogue', () => {
    expect([BODY_POINTS.length, URL_POINTS.length]).toEqual([25, 34])
    expect(URL_POINTS.filter((name) => !CATALOG_NAMES.has(name))).toEqual([])
  })

  test.each([0, 7, 99_999_999])('number %d is read back from its body', (number) => {
    expect(numberInBody(Buffer.from(callBody(number)))).toBe(number)
    expect(JSON.parse(callBody(number)).sid).toBe(callData(number).sid)
    expect(bodyOf(JSON.parse(eventText(number)).data)).toBe(callBody(number))
  })

  test.each(['', '{}', '{"sid":"e-0000000', '{"sid":"e-0000x001","call_type":""}'])('is not found in %j', (text) => {
    expect(numberInBody(Buffer.from(text))).toBe(-1)
  })
})

describe('a fingerprint', () => {
  const sumOf = (bodies: readonly string[]) => {
    const sum = new FingerprintSum()
    for (const body of bodies) sum.add(Buffer.from(body))
    return sum.value
  }

  test('is the same in whatever order bodies come', () => {
    expect(() => checkArrived('a', sumOf([callBody(6), callBody(5)]), expectedFingerprint(5, 2))).not.toThrow()
  })

  test.each([
    { title: 'a body too few', bodies: [callBody(5)] },
    { title: 'one twice and one never', bodies: [callBody(5), callBody(5)] },
    { title: 'one too many', bodies: [callBody(5), callBody(6), callBody(6)] },
    { title: 'a wrong byte', bodies: [callBody(5), callBody(6).replace('Renée', 'Renèe')] },
  ])('tells $title', ({ bodies }) => {
    expect(() => checkArrived('a', sumOf(bodies), expectedFingerprint(5, 2))).toThrow('a did not send what it should')
  })
})

describe('the reader of requests', () => {
  const request = (body: string) =>
    `POST /leads HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

  test('gives each request once, however its bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
    const bodies = ['{"a":"é"}', '', 'x'.repeat(50)]
    const bytes = Buffer.from(bodies.map(request).join(''))
    fc.assert(
      fc.property(cuts, (lengths) => {
        const read: string[] = []
        const reader = new RequestReader((head, body) => read.push(`${head.split(' ')[0]} ${body}`))
        let offset = 0
        for (const length of [...lengths, bytes.length]) {
          reader.push(bytes.subarray(offset, offset + length))
          offset += length
          if (offset >= bytes.length) break
        }
        expect(read).toEqual(bodies.map((body) => `POST ${body}`))
      }),
    )
  })

  test('counts a request without a body, and refuses chunks rather than count wrongly', () => {
    const heads: string[] = []
    const reader = new RequestReader((head) => heads.push(head))
    reader.push(Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'))
    expect(heads).toEqual(['GET / HTTP/1.1\r\nhost: a'])
    const chunked = 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(() => reader.push(Buffer.from(chunked))).toThrow('reads no chunks')
  })
})
