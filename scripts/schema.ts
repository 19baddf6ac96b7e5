/**
 * `npm run schema`: writes the JSON Schema of the configuration and the API's OpenAPI document into `schema/`, from where the
 * package and the API itself give them to editors and clients. A test fails where the files are not what this would write.
 */
import { writeFileSync } from 'node:fs'
import { SCHEMA_FILES } from './schema-files.ts'

for (const { url, make } of SCHEMA_FILES) writeFileSync(url, make())
