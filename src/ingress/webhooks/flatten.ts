/**
 * A decision as a form body, for switches whose scripts read no JSON: nested members get dotted names, array members
 * numbers from 0 (`decision.parameters.phone_list.0=2223334444`). Called by invoke.
 */

/** `value` as `application/x-www-form-urlencoded`; null is the empty text, an empty array or object leaves nothing. */
export function flattenToForm(value: object): string {
  const form = new URLSearchParams()
  append(form, '', value)
  return form.toString()
}

function append(form: URLSearchParams, path: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null) {
    form.append(path, value === null ? '' : String(value))
    return
  }
  for (const [name, member] of Object.entries(value)) append(form, path === '' ? name : `${path}.${name}`, member)
}
