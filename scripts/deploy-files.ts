/**
 * `npm run deploy-files`: writes rules and dashboard to `deploy/`, from the tables in `scripts/monitoring`. With an argument the
 * alerts link to that page, where the runbook is published: `npm run deploy-files -- https://wiki.example.com/switchhook`.
 */
import { writeFileSync } from 'node:fs'
import { DEPLOY_FILES } from './monitoring/files.ts'

const [runbook] = process.argv.slice(2)
for (const { url, make } of DEPLOY_FILES) writeFileSync(url, make(runbook))
