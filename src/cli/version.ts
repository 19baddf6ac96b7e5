/**
 * The version of this Switchhook, read once from the package's own manifest, which lies at the same place above the
 * source and above the compiled files. For the command line and whatever it assembles.
 */
import { readFileSync } from 'node:fs'
import { SwitchhookError } from '../errors.ts'

/** The version as in `package.json`, e.g. `0.1.0`. */
export const version: string = readVersion(new URL('../../package.json', import.meta.url))

function readVersion(manifestUrl: URL): string {
  const manifest: unknown = JSON.parse(readFileSync(manifestUrl, 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version
  }
  throw new SwitchhookError('internal', `no version in ${manifestUrl.pathname}`)
}
