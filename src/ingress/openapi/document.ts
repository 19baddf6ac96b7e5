/**
 * The API as an OpenAPI 3.1 document: rows and schemas put together. Invariant: it holds nothing of a configuration, so that
 * it is the same for every engine of a version. Made by `npm run schema`, which writes `schema/openapi.json`, and by tests.
 */
import { z } from 'zod'
import type { ProblemName } from '../problems.ts'
import { type SchemaTable, schemaTable } from './components.ts'
import { problemSchema } from './data-schemas.ts'
import type { Answer, Content, HeaderField, Operation, RequestBody, Tag } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { problemResponse, problemsOf, responseName } from './responses.ts'

/** Version of the API, whatever that of the program is: the first number changes with what clients rely on. */
const API_VERSION = '1.0.0'

const DESCRIPTION = `Accepts call events and delivers them to customers' webhooks; asks a customer's webhook what a live call does next.

Every operation but those that need no token takes it as \`Authorization: Bearer\` or as the password of Basic authentication; the
right that it needs stands in its \`security\`. Without configured tokens only callers on the same machine may call.

What belongs to an account that a token is not for does not exist for it. Refusals are problem+json (RFC 9457) with a \`type\`
that tells them apart. GET answers may get members that are not described here. Where HEAD is not listed, and for every
other method, OPTIONS too, the answer is 405 with \`allow\`.`

const TAGS: Readonly<Record<Tag, string>> = {
  Events: 'What has happened, for every webhook that it triggers',
  'Live calls': 'What a call that waits does next',
  Webhooks: "Customers' servers and what they are sent",
  Templates: 'Formats that webhooks are sent as, and the data points in them',
  Bindings: 'Which calls trigger which webhooks',
  Deliveries: 'What was sent, what waits, what is dead',
  Calls: 'What happened to a call',
  State: 'How the service stands',
}

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of the configuration' },
  basic: { type: 'http', scheme: 'basic', description: 'The token as password; the user name does not matter' },
}

/** The whole document. */
export function openApiDocument(): object {
  const maker = new DocumentMaker(OPERATIONS)
  const paths = maker.paths()
  return {
    openapi: '3.1.1',
    info: {
      title: 'Switchhook',
      version: API_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The engine that this document comes from' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, responses: maker.responses(), schemas: maker.schemas() },
  }
}

/** Makes the parts of the document that refer to each other. */
class DocumentMaker {
  readonly #operations: readonly Operation[]
  readonly #problems = new Map<string, { readonly names: readonly ProblemName[]; readonly schema: z.ZodObject }>()
  readonly #table: SchemaTable

  constructor(operations: readonly Operation[]) {
    this.#operations = operations
    this.#table = schemaTable([...operations.flatMap(schemasIn), ...this.#problemSchemas()])
  }

  paths(): object {
    const paths = Map.groupBy(this.#operations, ({ path }) => path)
    return Object.fromEntries([...paths].map(([path, operations]) => [path, this.#pathItem(operations)]))
  }

  /** Refusals that several operations have in common. */
  responses(): object {
    const shared = [...this.#problems].filter(([name]) => !name.includes(' '))
    return Object.fromEntries(
      shared.map(([name, { names, schema }]) => [name, problemResponse(names, this.#table.schemaOf(schema))]),
    )
  }

  schemas(): object {
    return this.#table.components
  }

  #problemSchemas(): readonly z.ZodType[] {
    for (const operation of this.#operations) {
      for (const names of problemsOf(operation).values()) {
        const name = keyOf(operation, names)
        if (!this.#problems.has(name)) {
          const more = hasMembers(operation, names) ? (operation.problemMembers?.shape ?? {}) : {}
          this.#problems.set(name, { names, schema: problemSchema(names, more) })
        }
      }
    }
    return [...this.#problems.values()].map(({ schema }) => schema)
  }

  #pathItem(operations: readonly Operation[]): object {
    const [{ target } = { target: undefined }] = operations
    const parameters = target === undefined ? {} : { parameters: [pathParameter(target)] }
    const methods = operations.flatMap((operation) => {
      const method = [operation.method.toLowerCase(), this.#operation(operation, false)] as const
      return operation.answersHead ? [method, ['head', this.#operation(operation, true)] as const] : [method]
    })
    return { ...parameters, ...Object.fromEntries(methods) }
  }

  #operation(operation: Operation, isHead: boolean): object {
    const { id, tag, summary, description, right, body, answers } = operation
    const parameters = [...queryParameters(operation), ...(operation.fields ?? []).map(headerParameter)]
    const refusals = [...problemsOf(operation)].map(([status, names]) => [
      status,
      this.#refusal(operation, names, isHead),
    ])
    const good = Object.entries(answers).map(([status, answer]) => [status, this.#answer(answer, isHead)])
    return {
      operationId: isHead ? `head${id.charAt(0).toUpperCase()}${id.slice(1)}` : id,
      tags: [tag],
      summary: isHead ? `${summary}: header fields alone` : summary,
      description: isHead ? 'As GET, without a body.' : description,
      security: right === 'open' ? [] : [{ bearer: [right] }, { basic: [right] }],
      ...(parameters.length > 0 && { parameters }),
      ...(body !== undefined && { requestBody: this.#body(body) }),
      responses: Object.fromEntries([...good, ...refusals]),
    }
  }

  #refusal(operation: Operation, names: readonly ProblemName[], isHead: boolean): object {
    if (isHead) return problemResponse(names, undefined)
    const key = keyOf(operation, names)
    if (!key.includes(' ')) return { $ref: `#/components/responses/${key}` }
    const schema = this.#problems.get(key)?.schema ?? problemSchema(names, {})
    return problemResponse(names, this.#table.schemaOf(schema))
  }

  #body({ isRequired, content }: RequestBody): object {
    const media = Object.entries(content).map(([type, each]) => [type, this.#content(each)])
    return { required: isRequired, content: Object.fromEntries(media) }
  }

  #content({ schema, examples }: Content): object {
    const shown = Object.entries(examples).map(([name, { summary, value, query }]) => {
      const beside = query === undefined ? {} : { description: `With the query \`?${query}\`` }
      return [name, { summary, ...beside, value }]
    })
    return { schema: this.#table.schemaOf(schema), examples: Object.fromEntries(shown) }
  }

  #answer({ description, content, fields }: Answer, isHead: boolean): object {
    const headers = (fields ?? []).map(({ name, ...field }) => [
      name,
      { description: field.description, schema: { type: 'string' }, example: field.example },
    ])
    const media = Object.entries(content ?? {}).map(([type, { schema, example }]) => [
      type,
      { schema: this.#table.schemaOf(schema), example },
    ])
    return {
      description,
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
      ...(media.length > 0 && !isHead && { content: Object.fromEntries(media) }),
    }
  }
}

/** Schemas of bodies and answers of an operation. */
function schemasIn({ body, answers }: Operation): readonly z.ZodType[] {
  const bodies = Object.values(body?.content ?? {}).map(({ schema }) => schema)
  const answered = Object.values(answers).flatMap(({ content }) =>
    Object.values(content ?? {}).map(({ schema }) => schema),
  )
  return [...bodies, ...answered]
}

/** Problems with members of their own are described where they are answered: a name with a blank is no component's. */
function keyOf(operation: Operation, names: readonly ProblemName[]): string {
  const name = responseName(names)
  return hasMembers(operation, names) ? `${name} of ${operation.id}` : name
}

function hasMembers({ problemMembers }: Operation, names: readonly ProblemName[]): boolean {
  return names.some((name) => problemMembers?.of.includes(name) === true)
}

function pathParameter({ name, description, example }: NonNullable<Operation['target']>): object {
  return {
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', minLength: 1, maxLength: 1024 },
    example,
  }
}

function headerParameter({ name, description, example }: HeaderField): object {
  return { name, in: 'header', description, schema: { type: 'string' }, example }
}

function queryParameters({ query, queryExamples = {}, takesDataPoints }: Operation): readonly object[] {
  const known = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { $schema: _, description, ...rest } = z.toJSONSchema(schema, { io: 'input' })
    const example = queryExamples[name]
    return { name, in: 'query', description, schema: rest, ...(example !== undefined && { example }) }
  })
  if (takesDataPoints !== true) return known
  const schema = { type: 'object', additionalProperties: { type: 'string' } }
  return [
    ...known,
    {
      name: 'dataPoints',
      in: 'query',
      style: 'form',
      explode: true,
      description: 'Data points, each as a parameter of its own',
      schema,
      example: { ani: '5551234567' },
    },
  ]
}
