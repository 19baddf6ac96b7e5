/**
 * When a value is a telephone number, for whoever has to find all that is kept about one. Numbers are compared by their digits
 * alone, as bindings compare them. A number that is given with its country code also stands for the ways in which it is written
 * without; one that is given without stands for its digits and nothing else. Pure; the same answer in every back end.
 */
import type { DataValue } from '../model/data.ts'
import { parseOwnJson } from '../model/own-json.ts'

/** Digits that a number must have: fewer would match counts and codes. */
const LEAST_DIGITS = 5

/** Digits that a number can have: 15 (ITU-T E.164, 6.1) and an access code before them. */
const MOST_DIGITS = 18

/** Country codes of one and two digits; all others have three (ITU-T E.164, list of assigned codes). */
const SHORT_COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** Access codes that are dialled where one writes `+`: of most countries, and of those with the country code 1. */
const ACCESS_CODES: readonly string[] = ['00', '011']

/** What a national number is written behind in many countries. */
const TRUNK_CODE = '0'

/** True of what is this number. */
export type NumberMatch = (value: DataValue) => boolean

/**
 * The match for a number as people write it: digits with blanks and the marks `+ - . / ( )`. With `+` or `00` before its country
 * code it also matches the national number alone or behind `0`, and all of it behind `00` or `011`. Undefined where it is no
 * telephone number: other characters, fewer than 5 digits or more than 18.
 */
export function compileNumberMatch(number: string): NumberMatch | undefined {
  const forms = formsOf(number)
  if (forms === undefined) return undefined
  return (value) => isOrHolds(value, forms)
}

/** What is to be said of a text that is no telephone number. */
export const NUMBER_RULE: string = `a telephone number has ${LEAST_DIGITS} to ${MOST_DIGITS} digits, with blanks and + - . / ( ) between them`

/** Whether JSON text, as events are kept, holds a value that matches; false where it is no JSON. */
export function holdsNumber(json: string, isNumber: NumberMatch): boolean {
  if (json === '') return false
  try {
    // Our own text, written from data values.
    return isNumber(parseOwnJson(json))
  } catch {
    return false
  }
}

function formsOf(number: string): ReadonlySet<string> | undefined {
  if (!/^[\d\s+\-./()]*$/.test(number)) return undefined
  // A trunk code in brackets is only for callers from within the country: +44 (0)20 7946 0000.
  const isInternational = /^\s*(?:\+|00)/.test(number)
  const digits = digitsOf(isInternational ? number.replace('(0)', '') : number)
  if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS) return undefined
  if (!isInternational) return new Set([digits])
  const whole = number.includes('+') ? digits : digits.slice(2)
  const national = whole.slice(SHORT_COUNTRY_CODE.exec(whole)?.[0].length ?? 3)
  const forms = [whole, ...ACCESS_CODES.map((code) => code + whole)]
  // What would be left is too short to be anybody's number.
  if (national.length >= LEAST_DIGITS) forms.push(national, TRUNK_CODE + national)
  return new Set(forms)
}

function isOrHolds(value: DataValue, forms: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return forms.has(digitsOf(addressOf(value)))
  if (typeof value === 'number') return forms.has(String(value))
  if (typeof value !== 'object' || value === null) return false
  for (const each of Object.values(value)) if (isOrHolds(each, forms)) return true
  return false
}

/** Of a `tel:` or `sip:` address only whom it names: `sip:+15551234567@10.0.0.1;transport=tls`. */
function addressOf(text: string): string {
  const address = /^\s*<?(?:sips?|tel):([^@;>]*)/i.exec(text)
  return address?.[1] ?? text
}

function digitsOf(text: string): string {
  return text.replace(/\D+/g, '')
}
