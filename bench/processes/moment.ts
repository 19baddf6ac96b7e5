/**
 * The time as all processes of this machine have it: the system's monotonic clock. `performance.now` begins anew in each
 * process, so that what one process has seen could not be compared with what another did.
 */
import process from 'node:process'

/** Milliseconds since the machine started, with fractions. */
export function momentMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
