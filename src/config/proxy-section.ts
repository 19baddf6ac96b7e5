/**
 * `network.proxy`: the proxy through which all requests leave. Invariant: its password stands neither in the file nor in a message.
 * Used by the section `network`.
 */
import { z } from 'zod'
import type { EgressProxy } from '../model/webhook.ts'
import { entriesOf } from '../profiles/entries.ts'
import { handRead } from '../profiles/hand-read.ts'
import { expectedMessage, mistakesOf } from '../profiles/mistake.ts'
import { section, URL_LIMIT, wordField } from '../profiles/settings.ts'
import { certificatesField } from './pem.ts'

const EXPECTED_URL = 'http:// or https://, a host and a port, as in http://proxy.example:3128'

/** A URL as text, or `{ url, credentials, ca, connectBy }` where more is to be said; `secret` reads secrets. */
export function proxyField(secret: z.ZodType<string>): z.ZodType<EgressProxy> {
  const settings = section({
    url: urlField(secret),
    credentials: secret
      .refine((text) => text.includes(':'), { error: 'holds no colon: user:password is expected' })
      .optional(),
    ca: certificatesField(secret).optional(),
    connectBy: wordField(['address', 'name']).default('address'),
  })
    .superRefine(({ url, credentials, ca }, context) => {
      if (url.credentials !== '' && credentials !== undefined) {
        const message = 'url holds user and password already: keep one of them'
        context.addIssue({ code: 'custom', path: ['credentials'], message, params: { at: 'key' } })
      }
      if (ca !== undefined && url.origin.startsWith('http:')) {
        const message = 'only an https: proxy has a certificate: leave it out'
        context.addIssue({ code: 'custom', path: ['ca'], message, params: { at: 'key' } })
      }
    })
    .transform(({ url, credentials = url.credentials, ca, connectBy }): EgressProxy => {
      return {
        origin: url.origin,
        ...(credentials === '' ? {} : { credentials }),
        ...(ca === undefined ? {} : { ca }),
        connectBy,
      }
    })
  return handRead(() => [urlText(), settings]).transform((input, context): EgressProxy => {
    const isText = typeof input === 'string'
    if (!isText && entriesOf(input) === undefined) {
      context.addIssue({
        code: 'custom',
        message: expectedMessage(`a URL or { url, credentials, ca, connectBy }`, input),
      })
      return z.NEVER
    }
    const read = settings.safeParse(isText ? { url: input } : input)
    if (read.success) return read.data
    for (const { path, message, at } of mistakesOf(read.error)) {
      context.addIssue({ code: 'custom', path: isText ? [] : [...path], message, params: { at } })
    }
    return z.NEVER
  })
}

/** A proxy's URL, taken apart. */
interface ProxyUrl {
  readonly origin: string
  /** `user:password`; empty where the URL has none. */
  readonly credentials: string
}

/** A text without user info, or a secret that may have it; no message shows what a secret holds. */
function urlField(secret: z.ZodType<string>): z.ZodType<ProxyUrl> {
  return handRead(() => [urlText(), secret]).transform((input, context): ProxyUrl => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    if (typeof input === 'string') {
      const url = proxyUrl(input)
      if (url === undefined) return refuse(expectedMessage(EXPECTED_URL, withoutUserInfo(input)))
      if (url.credentials === '') return url
      return refuse('user and password do not stand in the file itself: credentials: { env: NAME } is expected')
    }
    const read = secret.safeParse(input)
    if (!read.success) {
      for (const { path, message, at } of mistakesOf(read.error)) {
        context.addIssue({ code: 'custom', path: [...path], message, params: { at } })
      }
      return z.NEVER
    }
    return proxyUrl(read.data) ?? refuse(`holds no URL of a proxy: ${EXPECTED_URL} is expected`)
  })
}

/** What editors know of a URL that may stand in the file. */
function urlText(): z.ZodString {
  return z
    .string()
    .max(URL_LIMIT)
    .regex(/^[hH][tT]{2}[pP][sS]?:\/\/[^/?#\\\s@]+\/?$/)
}

function proxyUrl(text: string): ProxyUrl | undefined {
  if (text.length > URL_LIMIT || !/^https?:\/\/[^/?#\\\s]+\/?$/i.test(text) || !URL.canParse(text)) return undefined
  const { origin, username, password } = new URL(text)
  if (username === '' && password === '') return { origin, credentials: '' }
  try {
    return { origin, credentials: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined
    throw thrown
  }
}

/** What of a refused URL a message may show. */
function withoutUserInfo(text: string): string {
  return text.slice(text.lastIndexOf('@') + 1)
}
