/**
 * What was received, told in a few numbers that do not depend on the order: whether every body came, once, byte for byte.
 * The receiver adds up what arrives, the bench what should have; a single wrong byte, loss or repeat makes them differ.
 */
import { crc32 } from 'node:zlib'
import { callBody } from './call-data.ts'

/** Sums over bodies. */
export interface Fingerprint {
  readonly count: number
  readonly bodyBytes: number
  /** Sum of the CRC-32 of all bodies, exact up to two million of them. */
  readonly checksum: number
}

/** Adds bodies up. */
export class FingerprintSum {
  #count = 0
  #bodyBytes = 0
  #checksum = 0

  add(body: Buffer): void {
    this.#count += 1
    this.#bodyBytes += body.length
    this.#checksum += crc32(body)
  }

  get value(): Fingerprint {
    return { count: this.#count, bodyBytes: this.#bodyBytes, checksum: this.#checksum }
  }
}

/** What must have been received when the calls from `first` on were sent. */
export function expectedFingerprint(first: number, count: number): Fingerprint {
  const sum = new FingerprintSum()
  for (let number = first; number < first + count; number += 1) sum.add(Buffer.from(callBody(number)))
  return sum.value
}

/** Throws unless exactly what was to be sent has arrived; `who` sent it. */
export function checkArrived(who: string, arrived: Fingerprint, expected: Fingerprint): void {
  const { count, bodyBytes, checksum } = arrived
  if (count === expected.count && bodyBytes === expected.bodyBytes && checksum === expected.checksum) return
  const got = `${count} bodies of ${bodyBytes} bytes, checksum ${checksum}`
  const wanted = `${expected.count} of ${expected.bodyBytes} bytes, checksum ${expected.checksum}`
  throw new Error(`${who} did not send what it should have: ${got} arrived, expected ${wanted}`)
}
