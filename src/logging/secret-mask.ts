/**
 * Takes secrets out of texts. Invariant: a text is walked once, however many secrets there are: a carrier with thousands of
 * webhooks has as many, and each line of the log would else hold the main thread for a tenth of a second. Used by the log.
 */
import { MASKED } from './mask.ts'

/** Shorter secrets are not looked for: they would be found in ordinary words. */
const SECRET_LEAST_LENGTH = 4

/** Secrets are found by so many first characters, as many as they have; many share their first few (`whsec_`). */
const HEAD_LENGTHS = [12, SECRET_LEAST_LENGTH] as const

/** See the head of this file. Secrets can be added, never taken away. */
export class SecretMask {
  readonly #known = new Set<string>()
  /** For each head length the spellings that are found by a head of it. */
  readonly #spellings = HEAD_LENGTHS.map((length) => ({ length, byHead: new Map<string, string[]>() }))

  /** Takes these out as well from now on: as they are, and as they stand in a URL or in JSON. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      if (secret.length < SECRET_LEAST_LENGTH || this.#known.has(secret)) continue
      this.#known.add(secret)
      const inUrl = encodeURIComponent(secret.toWellFormed())
      const inJson = JSON.stringify(secret).slice(1, -1)
      for (const spelling of new Set([secret, inUrl, inJson])) this.#add(spelling)
    }
  }

  /** `text` without what was added. Never throws. */
  mask(text: string): string {
    let masked = ''
    let copiedTo = 0
    for (let at = 0; at + SECRET_LEAST_LENGTH <= text.length; at += 1) {
      const length = this.#lengthAt(text, at)
      if (length === 0) continue
      masked += text.slice(copiedTo, at) + MASKED
      copiedTo = at + length
      at = copiedTo - 1
    }
    return copiedTo === 0 ? text : masked + text.slice(copiedTo)
  }

  #add(spelling: string): void {
    const level = this.#spellings.find(({ length }) => length <= spelling.length)
    if (level === undefined) return
    const head = spelling.slice(0, level.length)
    const others = level.byHead.get(head)
    if (others === undefined) level.byHead.set(head, [spelling])
    else others.push(spelling)
  }

  /** Of the longest secret that begins at `at`; 0 where none does. */
  #lengthAt(text: string, at: number): number {
    let longest = 0
    for (const { length, byHead } of this.#spellings) {
      if (byHead.size === 0) continue
      for (const spelling of byHead.get(text.slice(at, at + length)) ?? []) {
        if (spelling.length > longest && text.startsWith(spelling, at)) longest = spelling.length
      }
    }
    return longest
  }
}
