/**
 * Every secret that a configuration holds, so that the log can keep them out whatever brings them there.
 * Asked by `switchhook serve` for each configuration before it is put into force.
 */
import { userInfoIn } from '../compile/credentials.ts'
import type { RequestSpec } from '../model/request-spec.ts'
import type { Webhook } from '../model/webhook.ts'
import type { EngineConfig } from './engine-config.ts'

/** Secrets of tokens, webhooks, header fields, parameters, URLs and keys, each as it goes over the wire. */
export function secretsOf(config: EngineConfig): readonly string[] {
  return [...secretsOfEngine(config), ...secretsOfWebhooks(config.webhooks)]
}

/** Those that no webhook has. */
export function secretsOfEngine({
  tokens,
  listen,
  network,
}: Pick<EngineConfig, 'tokens' | 'listen' | 'network'>): readonly string[] {
  return [
    ...tokens.map(({ secret }) => secret),
    ...(listen.tls === undefined ? [] : [listen.tls.key]),
    ...credentialPair(network.proxy?.credentials),
  ]
}

/** Those of webhooks. */
export function secretsOfWebhooks(webhooks: readonly Webhook[]): readonly string[] {
  return webhooks.flatMap(({ endpoint, secrets, request, fallback }) => [
    ...secrets,
    ...(endpoint.tls?.key === undefined ? [] : [endpoint.tls.key]),
    ...secretsOfRequest(request),
    ...(fallback === undefined ? [] : secretsOfRequest(fallback.request)),
  ])
}

function secretsOfRequest({ url, headers, query }: RequestSpec): readonly string[] {
  return [
    ...headers.filter(({ isSecret }) => isSecret === true).map(({ value }) => value.text),
    ...query.flatMap(({ params }) =>
      params.flatMap(({ value }) => (value.kind === 'text' && value.isSecret === true ? [value.text] : [])),
    ),
    ...credentialsIn(url.text),
  ]
}

/** What a URL's user info hides, as it is written and as it is sent. */
function credentialsIn(url: string): readonly string[] {
  const userInfo = userInfoIn(url)
  if (userInfo === undefined) return []
  const password = userInfo.slice(userInfo.indexOf(':') + 1)
  return [password, ...credentialPair(decoded(userInfo))]
}

/** The password of `user:password`, and both as Basic authentication sends them (RFC 7617, 2). */
function credentialPair(pair: string | undefined): readonly string[] {
  if (pair === undefined) return []
  return [pair.slice(pair.indexOf(':') + 1), Buffer.from(pair).toString('base64')]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
