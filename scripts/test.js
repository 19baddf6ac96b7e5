// `npm test`: runs all tests with coverage under Node.js 24, whichever Node.js started it, and ends with the line
// `N passed, N failed`. A skipped or todo test fails the run. Arguments go to Vitest (`npm test -- test/compile`);
// coverage is then not measured. Plain JavaScript without dependencies, so that it runs on Node.js 20 as well.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { runUnderNode24 } from './under-node24.js'

/** Debian packages with programs that tests run, as `{ name, command }`; installed when run as root. */
const debianPackages = [
  { name: 'curl', command: 'curl' },
  { name: 'strace', command: 'strace' },
  { name: 'faketime', command: 'faketime' },
  { name: 'bsdutils', command: 'script' },
  { name: 'redis-server', command: 'redis-server' },
  { name: 'prometheus', command: 'promtool' },
  { name: 'systemd', command: 'systemd-notify' },
]

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  if (!existsSync(vitest)) {
    console.error('The development packages are missing: run `npm ci` first.')
    return 1
  }
  installDebianPackages()
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-test-'))
  try {
    const resultsFile = join(folder, 'results.json')
    const status = await runVitest(args, resultsFile)
    return summarize(status, args.length === 0, resultsFile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function installDebianPackages() {
  const missing = debianPackages.filter(({ command }) => !isOnPath(command)).map(({ name }) => name)
  if (missing.length === 0 || process.getuid?.() !== 0) return
  // No package may ask: there is nobody to answer.
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options)
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))
}

function runVitest(args, resultsFile) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`]
  const selection = args.length === 0 ? ['--coverage'] : args
  // Vitest strips types by an experimental function of Node.js, which says so in each run.
  const nodeArgs = ['--disable-warning=ExperimentalWarning', vitest]
  return runUnderNode24([...nodeArgs, 'run', '--root', root, ...reporters, ...selection])
}

function summarize(vitestStatus, isFullRun, resultsFile) {
  const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : undefined
  const counts = results === undefined ? { passed: 0, failed: 1, skipped: 0 } : countResults(results)
  const isIncomplete = isFullRun && counts.skipped > 0
  if (isIncomplete) console.error(`${counts.skipped} tests were skipped or are still to do: every test has to run.`)
  if (vitestStatus !== 0 && counts.failed === 0) {
    console.error(`No test failed, but Vitest ended with status ${vitestStatus}: see above (coverage, stray errors).`)
  }
  // Once more in short, for those who see but the end of a log.
  for (const line of failures(results)) console.error(line)
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return vitestStatus === 0 && !isIncomplete ? 0 : 1
}

/** A line for each test, or file, that failed: where it stands, its name, and the beginning of why. */
function failures(results) {
  return (results?.testResults ?? []).flatMap((file) => {
    const place = relative(root, file.name)
    const failed = file.assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0) return file.status === 'failed' ? [`${place}: ${inShort(file.message)}`] : []
    return failed.map(({ fullName, failureMessages }) => `${place}: ${fullName}: ${inShort(failureMessages[0])}`)
  })
}

/** The first line of a message, without colours, of at most 300 characters. */
function inShort(message = '') {
  return stripVTControlCharacters(message).trim().split('\n', 1)[0].slice(0, 300)
}

function countResults(results) {
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + brokenFiles.length,
    skipped: results.numPendingTests + results.numTodoTests,
  }
}
