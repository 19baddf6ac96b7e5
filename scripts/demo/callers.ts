/**
 * Who calls: people of a small town, one after the other, each call from a number of its own. The numbers are among those
 * that the North American plan keeps for fiction (555-0100 to 555-0199). Some names are hard on templates, as real ones are.
 */

/** Somebody who calls. */
export interface Caller {
  readonly firstName: string
  readonly lastName: string
  readonly city: string
  /** Ten digits. */
  readonly number: string
}

const PEOPLE: readonly (readonly [firstName: string, lastName: string, city: string])[] = [
  ['Freddy', 'Krueger', 'Springwood'],
  ['Zoë', "O'Hara-Müller", 'Coeur d’Alene'],
  ['Bo', 'Smith & Sons <Garage>', 'St. Louis'],
  ['Amélie', 'Nguyễn', 'Baton Rouge'],
  ['John "Jack"', 'Doe', 'Springfield'],
  ['Cotton', '100% Inc.', 'Las Vegas'],
  ['María José', 'Núñez', 'Santa Fe'],
]

const AREA_CODES: readonly number[] = Array.from({ length: 80 }, (_, index) => 201 + index * 9)
const NUMBERS_BY_AREA = 100

/** Gives one caller after the other; the same number comes again after 8,000. */
export class Callers {
  #count = 0

  next(): Caller {
    const [firstName, lastName, city] = PEOPLE[this.#count % PEOPLE.length] ?? ['', '', '']
    const area = AREA_CODES[Math.floor(this.#count / NUMBERS_BY_AREA) % AREA_CODES.length] ?? 0
    const line = String(this.#count % NUMBERS_BY_AREA).padStart(2, '0')
    this.#count += 1
    return { firstName, lastName, city, number: `${area}55501${line}` }
  }
}

/** A number as people write it: `201 555 0107`. */
export function spokenNumber(number: string): string {
  return `${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`
}
