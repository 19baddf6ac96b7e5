/**
 * What the tests of the configuration share: loading a text, and telling what came of it in single lines.
 */
import type { EngineConfig } from '../../src/config/engine-config.ts'
import { formatIssue } from '../../src/config/issues.ts'
import { parseConfig } from '../../src/config/load.ts'

/** Variables that the texts of the tests may name. */
const ENVIRONMENT = { TOKEN: 'token-secret', EMPTY: '', SIGNING: 'whsec_c2VjcmV0', BROKEN: 'whsec_%%%' }

/** Every mistake as `file:line:column path: message`; empty where the text is right. */
export function mistakesIn(text: string): readonly string[] {
  const result = parseConfig(text, 'f', ENVIRONMENT)
  return result.kind === 'refused' ? result.issues.map(formatIssue) : []
}

/** Every warning of a text that is right. */
export function warningsIn(text: string): readonly string[] {
  load(text)
  return parseConfig(text, 'f', ENVIRONMENT).warnings.map(formatIssue)
}

/** The configuration that a text without mistakes gives. */
export function load(text: string): EngineConfig {
  const result = parseConfig(text, 'f', ENVIRONMENT)
  if (result.kind === 'refused') throw new Error(result.issues.map(formatIssue).join('\n'))
  return result.config
}
