/**
 * Who names whom: the webhooks of a template, the bindings of a webhook. Most are named once, so that one id stands by itself.
 * Used by the layers, to find what a change concerns.
 */

/** See the head of this file. */
export class Users {
  readonly #byNamed = new Map<string, string | Set<string>>()

  add(named: string, user: string): void {
    const known = this.#byNamed.get(named)
    if (known === undefined || known === user) this.#byNamed.set(named, user)
    else if (typeof known === 'string') this.#byNamed.set(named, new Set([known, user]))
    else known.add(user)
  }

  remove(named: string, user: string): void {
    const known = this.#byNamed.get(named)
    if (known === undefined) return
    if (known === user) this.#byNamed.delete(named)
    else if (typeof known !== 'string' && known.delete(user) && known.size === 0) this.#byNamed.delete(named)
  }

  /** All that name it, in no particular order. */
  of(named: string): readonly string[] {
    const known = this.#byNamed.get(named)
    if (known === undefined) return []
    return typeof known === 'string' ? [known] : [...known]
  }
}
