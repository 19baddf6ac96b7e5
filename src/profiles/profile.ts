/**
 * What a profile is: a platform's terms, translated into the generic specs of `model/`. A profile is a pure translation at
 * configuration time; nothing that renders, sends or reads answers knows that it exists. Adding a platform is adding a
 * file beside this one and a line in `profiles.ts`. Used by `config/`; the engine's router interprets the trigger rules.
 */
import type { z } from 'zod'
import type { AnswerSpec } from '../model/answer.ts'
import type { HttpMethod, RequestSpec } from '../model/request-spec.ts'
import type { TriggerSpec } from '../model/webhook.ts'
import { type Mistake, mistakesOf } from './mistake.ts'
import type { RequestSettings } from './settings.ts'

/** A key by which a binding can name what it is for, and where a call tells it. */
export interface BindingKey {
  /** As it stands in the binding: `number`, `pool`, `campaign` … */
  readonly name: string
  /** Data points tried in this order; the first that the call has counts. */
  readonly points: readonly string[]
  /** `digits`: only the digits of both sides are compared (contract: binding numbers compare by their digits). */
  readonly compare: 'text' | 'digits'
}

/** How one type of event finds the webhooks of a profile that it triggers. */
export interface TriggerRule {
  readonly eventType: string
  /** The member of a binding that names the webhooks: `postCall`, `begin`, `end`, `transcription`, `hangup`. */
  readonly member: string
  readonly keys: readonly BindingKey[]
  /** `first`: the binding of the first key that matches counts alone; `all`: every binding that matches adds its webhooks. */
  readonly match: 'first' | 'all'
  /** Words that may stand instead of a list: `account-wide` (as if no binding matched), `none`. */
  readonly words: readonly string[]
  /**
   * What is triggered where no binding matches: nothing; webhooks whose `trigger.unbound` is true; or those that no
   * binding of their account names in {@link member}.
   */
  readonly unbound: 'none' | 'all-calls' | 'unnamed'
}

/** What a profile makes of a webhook's configuration. */
export interface Description {
  readonly request: RequestSpec
  readonly answer: AnswerSpec
  /** Statuses with which a delivery has succeeded, or `any`. */
  readonly success: readonly number[] | 'any'
  readonly trigger: TriggerSpec
}

/** A description, or everything that stands in its way; `request` as far as it goes, so that its own mistakes are told too. */
export type Described =
  | { readonly kind: 'described'; readonly description: Description }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[]; readonly request?: RequestSpec }

/** A template's text, as profiles need it. */
export interface TemplateSource {
  readonly type: 'json' | 'xml'
  readonly format: string
  /** Field path -> data point. */
  readonly fields: Readonly<Record<string, string>>
}

/** What came of looking for a template; `refused` where there is none or the webhook's account may not use it. */
export type TemplateLookup =
  | { readonly kind: 'found'; readonly template: TemplateSource }
  | { readonly kind: 'refused'; readonly message: string }

/** Finds a template for the webhook that is being read. */
export type FindTemplate = (id: string) => TemplateLookup

/** One platform. */
export interface Profile {
  /** As it stands in `profile:`. */
  readonly id: string
  /** For people: `DialogTech IVR webhook`. */
  readonly title: string
  /** What its webhooks are for. Any webhook can be invoked, whatever its job. */
  readonly job: 'invoke' | 'send' | 'both'
  /** The first is the default. */
  readonly methods: readonly HttpMethod[]
  /** By event type; a webhook whose `trigger.on` names an event type without a rule is triggered by all such events. */
  readonly triggers: readonly TriggerRule[]
  /** Makes a reader of its configurations; `secret` reads secrets, which look different in a file and over the API. */
  readonly reader: (secret: z.ZodType<string>) => ProfileReader
}

/** Reads configurations of one profile; making one costs more than using it. */
export interface ProfileReader {
  /** The keys that the profile takes beside those for sending, retrying and signing, which are all profiles'. */
  readonly keys: readonly string[]
  readonly schema: z.ZodObject
  /** Reads a mapping of those keys; all mistakes at once. */
  readonly read: (input: unknown, findTemplate: FindTemplate) => Described
}

/** A profile as its file writes it down: {@link Profile} with a typed schema. */
export interface ProfileDefinition<Shape extends z.ZodRawShape, Settings extends RequestSettings>
  extends Omit<Profile, 'reader'> {
  readonly schema: (secret: z.ZodType<string>) => z.ZodObject<Shape, z.core.$strict> & z.ZodType<Settings>
  /** Turns settings that fit the schema into specs. */
  readonly describe: (settings: Settings, findTemplate: FindTemplate) => Described
}

/** Makes a profile of its definition: puts reading and describing together. */
export function defineProfile<Shape extends z.ZodRawShape, Settings extends RequestSettings>(
  definition: ProfileDefinition<Shape, Settings>,
): Profile {
  const { id, title, job, methods, triggers } = definition
  const reader = (secret: z.ZodType<string>): ProfileReader => {
    const schema = definition.schema(secret)
    return {
      keys: Object.keys(schema.shape),
      schema,
      read: (input, findTemplate) => {
        const read = schema.safeParse(input)
        if (!read.success) return { kind: 'refused', mistakes: mistakesOf(read.error) }
        return definition.describe(read.data, findTemplate)
      },
    }
  }
  return { id, title, job, methods, triggers, reader }
}

/** A description, unless there are mistakes. */
export function described(description: Description, mistakes: readonly Mistake[] = []): Described {
  if (mistakes.length === 0) return { kind: 'described', description }
  return { kind: 'refused', mistakes, request: description.request }
}
