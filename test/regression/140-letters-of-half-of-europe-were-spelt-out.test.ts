/**
 * Of HTML 5's names for U+0100 to U+017F five were known: `&lstrok;` was spoken as it is written. And 39 names that begin with a
 * shorter one were split, since that may stand without its semicolon: `&copysr;` was `©sr;`. A browser takes the longest name.
 */
import { describe, expect, test } from 'vitest'
import { decodeCharacterReferences } from '../../src/interpret/html-entities.ts'

describe('letters', () => {
  test.each([
    ['&Ccaron;e&scaron;tina, &rcaron;ek&lstrok;', 'Čeština, řekł'],
    ['Za&zdot;&oacute;&lstrok;&cacute; g&eogon;&sacute;l&aogon; ja&zacute;&nacute;', 'Zażółć gęślą jaźń'],
    ['&odblac;&Odblac; &udblac;&Udblac;', 'őŐ űŰ'],
    ['&gbreve;&Gbreve; &imath;&inodot;&Idot; &scedil;&Scedil;', 'ğĞ ııİ şŞ'],
    ['&amacr;&emacr;&imacr;&umacr; &kcedil;&lcedil;&ncedil;&Gcedil;', 'āēīū ķļņĢ'],
    ['&dstrok;&hstrok;&tstrok;&uring;&uogon;&edot;&IJlig;&napos;', 'đħŧůųėĲŉ'],
    ['&OElig;&oelig;&Scaron;&scaron;&Yuml;', 'ŒœŠšŸ'],
    ['&lstrok &ccaron', '&lstrok &ccaron'],
  ])('%s reads %s', (html, text) => {
    expect(decodeCharacterReferences(html)).toBe(text)
  })
})

describe('the longest name counts', () => {
  test.each([
    ['&copysr;', '℗'],
    ['&centerdot;', '·'],
    ['&divideontimes;', '⋇'],
    ['&gtrsim;&ltrif;&notni;&parallel;&timesb;', '≳◂∌∥⊠'],
    ['&notin;&notinva;&notindot;', '∉∉⋵̸'],
    ['&copy;sr;', '©sr;'],
    ['&copysr', '©sr'],
    ['&copysrx;', '©srx;'],
    ['&notit;', '¬it;'],
    ['&gtx;', '>x;'],
  ])('%s reads %s', (html, text) => {
    expect(decodeCharacterReferences(html)).toBe(text)
  })
})
