/**
 * How the tests run: natively under Node.js, one process a file. Coverage includes worker threads and spawned command
 * lines, and is only measured, and held to its threshold, where all tests run (`npm test` without arguments).
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The least share of the lines in `src` that all tests together must run. */
const leastLinesPercent = 85

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup/plain-surroundings.ts', 'test/setup/whole-coverage.ts'],
    pool: 'forks',
    // Most files wait for sockets, clocks and processes: two at a time also where there are but two cores.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
    // What is awaited comes when the machine has time for it; a second, as by default, is not always enough.
    expect: { poll: { timeout: 30_000 } },
    experimental: { viteModuleRunner: false },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      autoAttachSubprocess: true,
      reporter: [['text', { skipFull: true }], 'html'],
      thresholds: { lines: leastLinesPercent },
    },
  },
})

export default config
