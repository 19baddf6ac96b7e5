/**
 * Secrets of a configuration file: `{ env: NAME }` or `{ file: PATH }`, read while the file is loaded, so that a missing one
 * is a mistake with a place and not a surprise at the first delivery. The secret itself never stands in the file. Blanks and line
 * ends around it are not part of it, since whatever writes variables and files likes to end them with a line feed.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../errors.ts'
import { entriesOf } from '../profiles/entries.ts'
import { handRead } from '../profiles/hand-read.ts'
import { expectedMessage } from '../profiles/mistake.ts'
import { type FileState, fileStateSync } from './file-state.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const FORMS = '{ env: NAME } or { file: PATH }'

/** Who is told what is read for secrets. */
export interface SecretListener {
  /** A file that was to be read. */
  readonly onFile: (file: FileState) => void
  /** What a reference as it stands in the file came to; see {@link referenceKey}. */
  readonly onRead: (reference: string, secret: string) => void
}

/** Reads secrets from `environment` and from files; relative paths count from `folder`. */
export function secretField(environment: Environment, folder: string, listener: SecretListener): z.ZodType<string> {
  return handRead(() => [
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
  ]).transform((input, context): string => {
    const read = readSecret(input, environment, folder, listener.onFile)
    const reference = referenceKey(input)
    if (read.kind === 'read') {
      if (reference !== undefined) listener.onRead(reference, read.secret)
      return read.secret
    }
    context.addIssue({ code: 'custom', path: read.path, message: read.message })
    return z.NEVER
  })
}

/** `{ env: X }` or `{ file: P }` as one text; undefined where it is neither. */
export function referenceKey(input: unknown): string | undefined {
  const [entry, ...more] = entriesOf(input) ?? []
  const [form, name] = entry ?? []
  const isReference = more.length === 0 && (form === 'env' || form === 'file') && typeof name === 'string'
  return isReference ? `${form}:${name}` : undefined
}

/** Reads the secrets of a file once more, as they were when it was loaded: nothing is looked up a second time. */
export function knownSecretField(known: ReadonlyMap<string, string>): z.ZodType<string> {
  return z.unknown().transform((input, context): string => {
    const secret = known.get(referenceKey(input) ?? '')
    if (secret !== undefined) return secret
    context.addIssue({ code: 'custom', message: expectedMessage(FORMS, input) })
    return z.NEVER
  })
}

type SecretRead =
  | { readonly kind: 'read'; readonly secret: string }
  | { readonly kind: 'refused'; readonly path: string[]; readonly message: string }

function readSecret(
  input: unknown,
  environment: Environment,
  folder: string,
  onFile: (file: FileState) => void,
): SecretRead {
  if (typeof input === 'string') {
    return refused([], `a secret does not stand in the file itself: ${FORMS} is expected`)
  }
  const [entry, ...more] = entriesOf(input) ?? []
  const [form, name] = entry ?? []
  if (entry === undefined && input !== undefined) return refused([], `${FORMS} is expected`)
  if (more.length > 0 || (form !== 'env' && form !== 'file')) return refused([], expectedMessage(FORMS, input))
  if (typeof name !== 'string' || name === '') {
    return refused([form], expectedMessage(form === 'env' ? 'the name of a variable' : 'the path of a file', name))
  }
  if (form === 'env') return fromEnvironment(name, environment)
  onFile(fileStateSync(resolve(folder, name)))
  return fromFile(name, folder)
}

function fromEnvironment(name: string, environment: Environment): SecretRead {
  const secret = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined
  if (secret === undefined) return refused(['env'], `the environment has no variable ${name}: set it before starting`)
  return secret === ''
    ? refused(['env'], `the variable ${name} is empty: a secret is expected`)
    : { kind: 'read', secret }
}

function fromFile(path: string, folder: string): SecretRead {
  try {
    const secret = readFileSync(resolve(folder, path), 'utf8').trim()
    return secret === '' ? refused(['file'], `${path} is empty: a secret is expected`) : { kind: 'read', secret }
  } catch (thrown) {
    return refused(['file'], `${path} can't be read: ${messageOf(thrown)}`)
  }
}

function refused(path: string[], message: string): SecretRead {
  return { kind: 'refused', path, message }
}
