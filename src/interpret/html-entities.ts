/**
 * Character references of HTML (HTML standard, "named character references" and "numeric character reference end state"):
 * the 253 names of HTML 4 and XHTML, and those of HTML 5 for ASCII punctuation, the letters of U+0100 to U+017F, a few signs, and
 * whatever begins with a shorter name. Any other name stays as it was written. Used by `html-text.ts`.
 */

/** Names of U+00A0 to U+00FF in order; browsers know them without the semicolon as well. */
const LATIN_1 = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr ' +
  'deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest ' +
  'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ' +
  'ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig ' +
  'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml ' +
  'eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ')

/** The rest that browsers know without the semicolon. */
const BARE_ASCII: readonly (readonly [string, string])[] = [
  ['amp', '&'],
  ['AMP', '&'],
  ['lt', '<'],
  ['LT', '<'],
  ['gt', '>'],
  ['GT', '>'],
  ['quot', '"'],
  ['QUOT', '"'],
  ['COPY', '©'],
  ['REG', '®'],
]

/** Each name with its character, pairs apart by one space. */
const WITH_SEMICOLON =
  "apos ' excl ! num # dollar $ percnt % lpar ( rpar ) ast * midast * plus + comma , period . sol / colon : semi ; equals = " +
  'quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] Hat ^ lowbar _ grave ` lcub { lbrace { verbar | vert | rcub } rbrace } ' +
  'fnof ƒ circ ˆ tilde ˜ ' +
  'Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π ' +
  'Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω ' +
  'alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π ' +
  'rho ρ sigmaf ς sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω thetasym ϑ upsih ϒ piv ϖ ' +
  'hyphen ‐ dash ‐ ndash – mdash — horbar ― lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • hellip … ' +
  'mldr … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro € image ℑ weierp ℘ real ℜ trade ™ TRADE ™ numero № ' +
  'phone ☎ check ✓ cross ✗ star ☆ starf ★ female ♀ male ♂ ' +
  'alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ ' +
  'forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ ' +
  'and ∧ or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ ' +
  'oplus ⊕ otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦'

/** Names of U+0100 to U+017F, as in `WITH_SEMICOLON`: the letters of Czech, Polish, Hungarian, Turkish, Latvian and others. */
const LATIN_EXTENDED_A =
  'Amacr Ā amacr ā Abreve Ă abreve ă Aogon Ą aogon ą Cacute Ć cacute ć Ccirc Ĉ ccirc ĉ Cdot Ċ cdot ċ Ccaron Č ' +
  'ccaron č Dcaron Ď dcaron ď Dstrok Đ dstrok đ Emacr Ē emacr ē Edot Ė edot ė Eogon Ę eogon ę Ecaron Ě ecaron ě ' +
  'Gcirc Ĝ gcirc ĝ Gbreve Ğ gbreve ğ Gdot Ġ gdot ġ Gcedil Ģ Hcirc Ĥ hcirc ĥ Hstrok Ħ hstrok ħ Itilde Ĩ itilde ĩ ' +
  'Imacr Ī imacr ī Iogon Į iogon į Idot İ imath ı inodot ı IJlig Ĳ ijlig ĳ Jcirc Ĵ jcirc ĵ Kcedil Ķ kcedil ķ ' +
  'kgreen ĸ Lacute Ĺ lacute ĺ Lcedil Ļ lcedil ļ Lcaron Ľ lcaron ľ Lmidot Ŀ lmidot ŀ Lstrok Ł lstrok ł Nacute Ń ' +
  'nacute ń Ncedil Ņ ncedil ņ Ncaron Ň ncaron ň napos ŉ ENG Ŋ eng ŋ Omacr Ō omacr ō Odblac Ő odblac ő OElig Œ ' +
  'oelig œ Racute Ŕ racute ŕ Rcedil Ŗ rcedil ŗ Rcaron Ř rcaron ř Sacute Ś sacute ś Scirc Ŝ scirc ŝ Scedil Ş scedil ş ' +
  'Scaron Š scaron š Tcedil Ţ tcedil ţ Tcaron Ť tcaron ť Tstrok Ŧ tstrok ŧ Utilde Ũ utilde ũ Umacr Ū umacr ū ' +
  'Ubreve Ŭ ubreve ŭ Uring Ů uring ů Udblac Ű udblac ű Uogon Ų uogon ų Wcirc Ŵ wcirc ŵ Ycirc Ŷ ycirc ŷ Yuml Ÿ ' +
  'Zacute Ź zacute ź Zdot Ż zdot ż Zcaron Ž zcaron ž'

/** With `notin` all names that begin with one that may stand without its semicolon: the longer one counts. */
const LONGER =
  'centerdot · copysr ℗ divideontimes ⋇ gtcc ⪧ gtcir ⩺ gtdot ⋗ gtlPar ⦕ gtquest ⩼ gtrapprox ⪆ gtrarr ⥸ gtrdot ⋗ ' +
  'gtreqless ⋛ gtreqqless ⪌ gtrless ≷ gtrsim ≳ ltcc ⪦ ltcir ⩹ ltdot ⋖ lthree ⋋ ltimes ⋉ ltlarr ⥶ ltquest ⩻ ltri ◃ ' +
  'ltrie ⊴ ltrif ◂ ltrPar ⦖ notindot ⋵̸ notinE ⋹̸ notinva ∉ notinvb ⋷ notinvc ⋶ notni ∌ notniva ∌ notnivb ⋾ ' +
  'notnivc ⋽ parallel ∥ timesb ⊠ timesbar ⨱ timesd ⨰'

/** Characters that could not be seen, or split by the space between pairs, if they were written down above. */
const UNSEEN: readonly (readonly [string, number])[] = [
  ['Tab', 0x09],
  ['NewLine', 0x0a],
  ['ensp', 0x2002],
  ['emsp', 0x2003],
  ['numsp', 0x2007],
  ['puncsp', 0x2008],
  ['thinsp', 0x2009],
  ['hairsp', 0x200a],
  ['zwnj', 0x200c],
  ['zwj', 0x200d],
  ['lrm', 0x200e],
  ['rlm', 0x200f],
]

/** What the numbers 128 to 159 stand for: the characters of windows-1252 (HTML standard, same table). */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

const BARE: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.map((name, index) => [name, String.fromCodePoint(0xa0 + index)] as const),
  ...BARE_ASCII,
])

const NAMED: ReadonlyMap<string, string> = new Map([
  ...BARE,
  ...UNSEEN.map(([name, codePoint]) => [name, String.fromCodePoint(codePoint)] as const),
  ...pairsOf(WITH_SEMICOLON),
  ...pairsOf(LATIN_EXTENDED_A),
  ...pairsOf(LONGER),
])

/** The longest name that may stand without its semicolon (`frac14`, `Agrave`). */
const BARE_MAX_LENGTH = 6

const REPLACEMENT_CHARACTER = '\uFFFD'

/** `text` with its character references decoded, each once. Work grows linearly; whatever is no reference stays. */
export function decodeCharacterReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([A-Za-z][A-Za-z0-9]*)(;?))/g,
    (source: string, hexadecimal?: string, decimal?: string, name = '', semicolon = '') => {
      if (hexadecimal !== undefined) return numericCharacter(Number.parseInt(hexadecimal, 16))
      if (decimal !== undefined) return numericCharacter(Number.parseInt(decimal, 10))
      const named = semicolon === ';' ? NAMED.get(name) : undefined
      return named ?? bareReference(name, semicolon) ?? source
    },
  )
}

/** The longest beginning of `name` that is known without a semicolon, decoded, with what follows it (`&copyright` is `©right`). */
function bareReference(name: string, semicolon: string): string | undefined {
  for (let length = Math.min(name.length, BARE_MAX_LENGTH); length >= 2; length -= 1) {
    const character = BARE.get(name.slice(0, length))
    if (character !== undefined) return character + name.slice(length) + semicolon
  }
  return undefined
}

function numericCharacter(number: number): string {
  if (number >= 0x80 && number <= 0x9f) return WINDOWS_1252.charAt(number - 0x80)
  const isCharacter = number > 0 && number <= 0x10ffff && (number < 0xd800 || number > 0xdfff)
  return isCharacter ? String.fromCodePoint(number) : REPLACEMENT_CHARACTER
}

function pairsOf(table: string): readonly (readonly [string, string])[] {
  const words = table.split(' ')
  return words.flatMap((name, index) => (index % 2 === 0 ? [[name, words[index + 1] ?? ''] as const] : []))
}
