/**
 * The command line's first file: `bin/switchhook.js` loads it and does nothing after. It sets the exit status and leaves
 * the end of the process to the event loop, so that nothing that was printed is lost in a pipe.
 */
import { commands } from './commands.ts'
import { dispatch } from './dispatch.ts'
import { complain, print } from './output.ts'

// Whoever reads the output may have seen enough (`switchhook deliveries | head`): that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  complain(`switchhook: what was to be printed can't be written: ${error.message}`)
  process.exit(1)
})
// Whoever does not want to know what is wrong still gets the results and the exit status.
process.stderr.on('error', () => undefined)

process.exitCode = await dispatch(process.argv.slice(2), commands, { print, complain })
