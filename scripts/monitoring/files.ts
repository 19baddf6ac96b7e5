/** The files in `deploy/` that are written from the tables here. Used by the script that writes them and the test that compares them. */
import { dashboard } from './dashboard.ts'
import { alertRules, recordingRules } from './rule-files.ts'
import { REAL_TIME } from './timing.ts'

/** One written file. */
export interface DeployFile {
  readonly url: URL
  readonly make: (runbook?: string) => string
}

export const DEPLOY_FILES: readonly DeployFile[] = [
  { url: deployed('prometheus/recording-rules.yml'), make: () => recordingRules(REAL_TIME) },
  { url: deployed('prometheus/alert-rules.yml'), make: (runbook) => alertRules(REAL_TIME, runbook) },
  { url: deployed('grafana/switchhook.json'), make: () => `${JSON.stringify(dashboard(), null, 2)}\n` },
]

function deployed(path: string): URL {
  return new URL(`../../deploy/${path}`, import.meta.url)
}
