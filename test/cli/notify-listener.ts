/**
 * A socket on which a service manager listens, as systemd's does: datagrams on a Unix socket, each a message of lines. Perl
 * holds it, which every Debian has; Node.js knows no such sockets.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** Takes messages and prints each on a line, its line feeds as tabs; file descriptors that come with one are closed. */
const LISTEN = `socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) || die $!;
$| = 1; print "bound\\n";
while (defined recv(S, $message, 65536, 0)) { $message =~ s/\\s+$//; $message =~ s/\\n/\\t/g; print "$message\\n"; }`

/** A listener and what it was told. */
export interface NotifyListener {
  /** What `NOTIFY_SOCKET` is to be. */
  readonly socket: string
  /** Messages so far, each as its lines by name. */
  readonly told: readonly Readonly<Record<string, string>>[]
  /** Resolves with the first message after the first `known` ones which has `name`; other ones may come before. */
  untilTold(name: string, known?: number): Promise<Readonly<Record<string, string>>>
}

/** Listens in `folder`, until the end of the test. */
export async function listenForNotify(folder: string): Promise<NotifyListener> {
  const socket = join(folder, 'notify.socket')
  const child = spawn('perl', ['-MSocket', '-e', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const told: Readonly<Record<string, string>>[] = []
  const lines = createInterface(child.stdout)
  await once(lines, 'line')
  lines.on('line', (line) => {
    // `systemd-notify` waits until this has been read: it is no message about the service.
    if (line !== 'BARRIER=1') told.push(Object.fromEntries(line.split('\t').map(partsOf)))
  })
  return {
    socket,
    told,
    untilTold: async (name, known = 0) => {
      for (;;) {
        const message = told.slice(known).find((each) => name in each)
        if (message !== undefined) return message
        await once(lines, 'line')
      }
    },
  }
}

function partsOf(line: string): readonly [name: string, value: string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}
