/** HTML reduced to its words, as a browser would show them; character references as the HTML standard decodes them. */
import { describe, expect, test } from 'vitest'
import { decodeCharacterReferences } from '../../src/interpret/html-entities.ts'
import { textOfHtml } from '../../src/interpret/html-text.ts'

describe('words', () => {
  test.each([
    { html: 'plain', text: 'plain' },
    { html: ' a \n\t b ', text: 'a b' },
    { html: '<b>Hel</b>lo', text: 'Hello' },
    { html: '<a href="x">so</a><span>ft</span>', text: 'soft' },
    { html: 'one<br>two<BR/>three<br />four', text: 'one two three four' },
    { html: '<p>one<p>two', text: 'one two' },
    { html: '<div>one</div><div>two</div>', text: 'one two' },
    { html: '<ul><li>one<li>two</ul>three', text: 'one two three' },
    { html: '<table><tr><td>a</td><td>b</td></tr></table>', text: 'a b' },
    { html: '<h1>Title</h1>text', text: 'Title text' },
    { html: '1 < 2 and 3 > 2', text: '1 < 2 and 3 > 2' },
    { html: 'a <3 b', text: 'a <3 b' },
    { html: '<<b>x</b>', text: '<x' },
    { html: '&lt;b&gt;', text: '<b>' },
    { html: 'x<', text: 'x<' },
  ])('$html reads $text', ({ html, text }) => {
    expect(textOfHtml(html, 'html')).toBe(text)
  })
})

describe('what is never shown', () => {
  test.each([
    { html: 'a<script>var x = "<p>no</p>"; if (1 </script>b', text: 'ab' },
    { html: 'a<SCRIPT type="x">no</Script >b', text: 'ab' },
    { html: 'a<script>no</scripty>no</script>b', text: 'ab' },
    { html: 'a<script>never closed', text: 'a' },
    { html: 'a<style>p { color: red }</style>b', text: 'ab' },
    { html: '<head><title>no</title><meta charset="utf-8"></head>yes', text: 'yes' },
    { html: '<head>no<link></head><body>yes', text: 'yes' },
    { html: '<head><title>no</title><body>yes', text: 'yes' },
    { html: '<html><head><meta x><p>yes', text: 'yes' },
    { html: '<title>no</title><p>yes', text: 'yes' },
    { html: 'a<template>no<template>no</template>no</template>b', text: 'ab' },
    { html: 'a<template>no', text: 'a' },
    { html: 'a</template>b', text: 'ab' },
    { html: 'a<iframe><p>no</iframe>b', text: 'ab' },
    { html: 'a<!-- <b>no</b> -->b', text: 'ab' },
    { html: 'a<!-->b', text: 'ab' },
    { html: 'a<!-- no --!>b', text: 'ab' },
    { html: 'a<!-- never closed -- >', text: 'a' },
    { html: '<!DOCTYPE html>a<?php no ?>b', text: 'ab' },
    { html: 'a</ no>b</>c', text: 'abc' },
    { html: 'a<b title="1 > 2">b</b>', text: 'ab' },
    { html: "a<b title='<script>'>b</b>", text: 'ab' },
    { html: 'a<b title = "x" y=z/ a="/>">b', text: 'ab' },
    { html: 'a<b title="never closed>b', text: 'a' },
    { html: 'a<b =">b', text: 'ab' },
    { html: 'a<![CDATA[no]]>b', text: 'ab' },
    { html: 'a<script/>no</script>b', text: 'ab' },
  ])('$html reads $text', ({ html, text }) => {
    expect(textOfHtml(html, 'html')).toBe(text)
  })

  test.each([
    { html: 'a <![CDATA[<b> &amp;]]> c', text: 'a <b> &amp; c' },
    { html: 'a<![CDATA[b', text: 'ab' },
    { html: 'a<script src="x"/>b<template/>c<title />d', text: 'abcd' },
    { html: 'a<script>no</script>b', text: 'ab' },
  ])('in XHTML $html reads $text', ({ html, text }) => {
    expect(textOfHtml(html, 'xhtml')).toBe(text)
  })
})

describe('character references', () => {
  test.each([
    { html: '&amp;&lt;&gt;&quot;&apos;', text: '&<>"\'' },
    { html: '&amp;lt;', text: '&lt;' },
    { html: '&nbsp;|&iexcl;|&yen;|&sect;|&times;|&szlig;|&agrave;|&divide;|&yuml;', text: '\u00a0|¡|¥|§|×|ß|à|÷|ÿ' },
    { html: '&euro;&pound;&cent;&curren;', text: '€£¢¤' },
    { html: '&ndash;&mdash;&lsquo;&rsquo;&ldquo;&rdquo;&hellip;&bull;&trade;', text: '–—‘’“”…•™' },
    { html: '&Auml;&auml;&AElig;&oelig;&Omega;&alpha;&rarr;&ne;&hearts;', text: 'ÄäÆœΩα→≠♥' },
    { html: '&ensp;&thinsp;&zwj;&Tab;&NewLine;', text: '\u2002\u2009\u200d\t\n' },
    { html: '&comma;&period;&colon;&semi;&lpar;&rpar;', text: ',.:;()' },
    { html: 'caf&eacute', text: 'café' },
    { html: 'AT&T', text: 'AT&T' },
    { html: '&copyright', text: '©right' },
    { html: '&notit;', text: '¬it;' },
    { html: '&frac14x', text: '¼x' },
    { html: '&euro', text: '&euro' },
    { html: '&nosuchname;', text: '&nosuchname;' },
    { html: '&__proto__;&constructor;', text: '&__proto__;&constructor;' },
    { html: '&;&&#;&#x;&#xg;', text: '&;&&#;&#x;&#xg;' },
    { html: '&#65;&#x42;&#X43;&#68', text: 'ABCD' },
    { html: '&#128512;&#x1F600;', text: '😀😀' },
    { html: '&#128;&#146;&#x96;&#159;', text: '€’–Ÿ' },
    { html: '&#127;&#129;&#160;', text: '\u007f\u0081\u00a0' },
    { html: '&#0;&#xD800;&#xDFFF;&#x110000;&#99999999999999999999;', text: '\uFFFD'.repeat(5) },
    { html: '&#x10FFFF;&#xD7FF;&#xE000;', text: '\u{10FFFF}\uD7FF\uE000' },
  ])('$html is $text', ({ html, text }) => {
    expect(decodeCharacterReferences(html)).toBe(text)
  })
})
