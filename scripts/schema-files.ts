/**
 * The files in `schema/` and how each is made. Used by the script that writes them and by the test that compares them.
 */
import { configSchema } from '../src/config/json-schema.ts'
import { openApiDocument } from '../src/ingress/openapi/document.ts'

/** One generated file. */
export interface SchemaFile {
  readonly url: URL
  readonly make: () => string
}

/** All of them. */
export const SCHEMA_FILES: readonly SchemaFile[] = [
  schemaFile('switchhook.schema.json', configSchema),
  schemaFile('openapi.json', openApiDocument),
]

function schemaFile(name: string, make: () => object): SchemaFile {
  return { url: new URL(`../schema/${name}`, import.meta.url), make: () => `${JSON.stringify(make(), null, 2)}\n` }
}
