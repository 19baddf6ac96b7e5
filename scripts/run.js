// `node scripts/run.js FILE [ARGUMENTS]`: runs a TypeScript file of this checkout. For the scripts in `package.json`.
import { runUnderNode24 } from './under-node24.js'

process.exitCode = await runUnderNode24(process.argv.slice(2))
