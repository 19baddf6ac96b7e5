/**
 * Examples of everything that comes from outside, as customers' servers, switches and people really write it: from the platforms'
 * documents, from this project's documentation, and from common servers. The tests of mutants damage them.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${tokens} are what is tested
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** `<action>` documents (dialogtech-ivr-webhook). */
export const ACTIONS: readonly string[] = [
  '<action>\n    <app>ivr</app>\n    <parameters>\n        <id>12345</id>\n        <user_parameters>\n            <param1>alpha</param1>\n            <param2>bravo</param2>\n        </user_parameters>\n        <p_t>my pass through data</p_t>\n    </parameters>\n</action>\n',
  '<action><app>findme</app><parameters><phone_list>2223334444</phone_list><screen_method>1</screen_method><whisper_phrase>Call from Radio Ad</whisper_phrase><record>1</record></parameters></action>',
  '<action><app>findme</app><parameters><phone_list>2223334444|5556667777</phone_list><simultaneous>2</simultaneous><screen_method>2</screen_method><whisper_audio>customwhisper.wav</whisper_audio><record>1</record></parameters></action>',
  '<action><app>findme</app><parameters><id>77</id><timeout>60</timeout><nextaction>2</nextaction><nextactionitem>9</nextactionitem><auto_accept>3</auto_accept></parameters></action>',
  '<action><app>vr</app><parameters><id>56789</id></parameters></action>',
  '<action><app>voicemail</app><parameters><id>56789</id></parameters></action>',
  '<action><app>transfer</app><parameters><destination>8005551234</destination></parameters></action>',
  '<action>\r\n<app>hangup</app>\r\n</action>',
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- from the CRM -->\n<action><app>ivr</app><parameters><id>1</id><question_id>2</question_id><p_t>user_id|90786||step|verify_user</p_t></parameters></action>',
  '<?xml version="1.0" encoding="ISO-8859-1"?><action><app>ivr</app><parameters><id>1</id><user_parameters><__proto__>x</__proto__><a/><b>&lt;&#233;&#xE9;&quot;</b></user_parameters><p_t><![CDATA[a|b]]></p_t></parameters></action>',
]

/** What is spoken to callers. */
export const MESSAGES: readonly string[] = [
  'Your balance is $12 & 5 cents',
  '  Grüße\n',
  '<html><body><p>Hello <b>Freddy</b> &amp; friends</p></body></html>',
  '<title>x</title><script>alert(1)</script>Welcome',
  '<!DOCTYPE html>\n<html lang="de"><head><meta charset="windows-1252"><title>t</title><style>p{}</style></head><body><table><tr><td>one<td>two</table><br>&nbsp;&eacute;&#8364;&hellip;</body></html>',
  '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>one</p><![CDATA[<two>]]><script/>three</body></html>',
  '<template><p>hidden</p></template><noframes>x</noframes>said<!-- not said -->',
]

/** Variables of VCC Live's calls. */
export const VARIABLES: readonly string[] = [
  '{\n   "key1": "value",\n   "key2": 123\n}\n',
  '{"a": true, "b": false, "c": 12.5, "d": -0.001, "e": 123, "f": 0, "g": "text", "h": "", "i": "007"}',
  '{"customer_data":{"name":"J\\u00e9r\\u00f4me","address":{"zip":"1117"}},"score":1e3}',
  'key1=value\nkey2=123\n',
  '; comment\r\n# another\r\nname = John Doe \r\n__proto__=x\r\n',
  '123456',
]

/** Answers of Wix' IVR webhook. */
export const REDIRECTS: readonly string[] = [
  '5a9e9d0d-6d65-4494-ad7e-0ee7bc7aa064',
  '"5A9E9D0D-6D65-4494-AD7E-0EE7BC7AA064"\n',
  '',
  ' \r\n',
]

/** `content-type` fields of answers and requests. */
export const CONTENT_TYPES: readonly string[] = [
  '',
  'text/html; charset=utf-8',
  'text/html',
  'text/plain',
  'text/plain; charset=iso-8859-1',
  'TEXT/XML; Charset="UTF-16LE"',
  'application/json',
  'application/JSON; charset=utf-8',
  'text/JSON',
  'text/x-ini',
  'application/xhtml+xml;charset=windows-1252',
  'text/plain; charset=shift_jis',
  'text/plain; charset=iso-2022-jp',
  'text/plain; charset=gb18030',
]

/** Events of every form. */
export const EVENTS: readonly string[] = [
  '{"specversion":"1.0","id":"e-1","source":"/switch/7","type":"call.end","subject":"call-1","time":"2019-03-28T00:05:00.123Z","account":"acme","datacontenttype":"application/json","data":{"caller_id":"7776734736","talk_seconds":61,"responses":{"1":"5"}}}',
  '{"type":"call.begin","data_base64":"eyJhbmkiOiI1NTUxMjM0NTY3In0="}',
  '{"callId":"f304229f-dc2c-4c84-bc65-90c92a980dd7","from":{"countryCode":"111","number":"444444444"},"user":{"phoneNumbers":[{"number":"544444444"}],"banned":false,"creationDate":1540910161000},"input":"1234"}',
  '{"ani":"5551234567","prompt_responses":[{"question":"Size?","response":"L"},{"question":"Age?","response":"42"}],"repeat_caller":true,"long":12345678901234567890,"half":"\\ud83d","__proto__":{"polluted":1}}',
  '[{"type":"call.end","id":"1"},{"type":"call.end","id":"2","data":{"a":[1,2,{"b":null}]}}]',
  '{"type":"call.end","id":"1"}\n\n{"type":"call.begin","id":"2","data":{"ani":"é"}}\r\n',
  'caller_id=7776734736&called_number=8005550001&from.number=444&from.name=J%C3%A9r%C3%B4me+B&tags=a&tags=b&list.0=x&list.1=y',
  'type=call.end&subject=call-1&account=acme&id=e%2F1&source=%2Fswitch&time=2019-03-28T00:05:00%2B01:00',
]

/** How requests say what they hold. */
export const HEADS: readonly Readonly<Record<string, string>>[] = [
  { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  { 'content-type': 'application/cloudevents-batch+json' },
  { 'content-type': 'application/x-ndjson' },
  { 'content-type': 'application/json' },
  { 'content-type': 'application/json; charset=utf-16le' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  {
    'content-type': 'application/json',
    'ce-type': 'call.end',
    'ce-id': '1',
    'ce-source': '/a',
    'ce-subject': 'J%C3%A9',
  },
  { 'content-type': 'application/json', 'ce-type': '"call.end"', 'ce-account': 'acme', 'ce-specversion': '1.0' },
]

/** Fields of requests that are read one by one. */
export const FIELDS: readonly string[] = [
  'application/json',
  'application/cloudevents+json; charset="utf-8"; a=b',
  'text/html, application/x-www-form-urlencoded;q=0.5, */*;q=0.1',
  'respond-async, wait=10; x="y"',
  'wait="3"',
  'gzip, identity',
  'br',
]

/** `authorization` fields around a secret. */
export const authorizations = (secret: string): readonly string[] => [
  `Bearer ${secret}`,
  `bearer  ${secret} `,
  `Basic ${Buffer.from(`:${secret}`).toString('base64')}`,
  `Basic ${Buffer.from(`switch:${secret}`).toString('base64')}`,
  'Digest username="a"',
]

/** Formats of templates. */
export const JSON_FORMATS: readonly string[] = [
  '{"first": "", "last": "%ani_last_name%", "contact": { "phones": [""], "city": "" }, "repeat": %repeat_caller%}',
  '{"a": %prompt_responses%, "b": "x %ani% y", "c": [1, 2.5e3, -0, true, null, {"d": "\\u00e9\\n"}], "": ""}',
  '{"vars": "${source}", "n": ${answered_time}}',
  '{"${source}": 1, "k%ani%": 2, "a.b": [{"": "${a.b}"}]}',
]
export const XML_FORMATS: readonly string[] = [
  '<?xml version="1.0" encoding="UTF-8"?>\n<call id="%callid%">\n  <caller>%ani_full_name%</caller>\n  <answered seconds="%answered_time%">%dialstatus%</answered>\n  <responses>%prompt_responses%</responses>\n  <recording><![CDATA[%rec_audiourl%]]></recording>\n</call>\n',
  "<lead xmlns:a='urn:a'><!-- c --><phone/><phone>%ani%</phone><a:b c='%ani_city%'>&lt;&#233;</a:b><?pi x?></lead>",
]
export const TEXT_FORMATS: readonly string[] = ['%ani% called %called_number%\n100 %', 'a=${ani}&b=%41&${ani}=x']

/** URLs of webhooks. */
export const URLS: readonly string[] = [
  'https://crm.example.com/leads?key=k1',
  'https://user:secret@crm.example.com:8443/a/%ani%/b?x=%ani%&%ani%=y#%ani%',
  'http://127.0.0.1:9080/balance/${source}?project=${projectid}',
  'https://[2001:db8::1]/%E2%82%AC/..%2f/?q=a+b',
]

/** Whole configurations: the example's, and those of the documentation. */
export function configurations(): readonly string[] {
  const pages = readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))
  const blocks = [...pages, 'README.md']
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => [...readFileSync(join(ROOT, name), 'utf8').matchAll(/^```ya?ml[^\n]*\n(.*?)^```/gms)])
    .map(([, block = '']) => block)
  return [readFileSync(join(ROOT, 'examples', 'switchhook.yaml'), 'utf8'), ...blocks]
}

/** Durations, sizes and rates. */
export const QUANTITIES: readonly string[] = [
  '800ms',
  '5s',
  '5m',
  '2h',
  '30d',
  '512B',
  '64KiB',
  '2GiB',
  '100/s',
  '10/m',
  '0s',
]

/** `retry-after` fields. */
export const RETRY_AFTERS: readonly string[] = [
  '120',
  'Fri, 31 Dec 2027 23:59:59 GMT',
  'Friday, 31-Dec-27 23:59:59 GMT',
  'Fri Dec 31 23:59:59 2027',
]

/** Ids and cursors as the API gives them. */
export const IDS: readonly string[] = [
  '019a0c5e7a2b0004c9d1e6f7a8-0',
  '019a0c5e7a2b0004c9d1e6f7a8-65535',
  '019a0c5e7a2b0004c9d1e6f7a8',
  '2s',
]
