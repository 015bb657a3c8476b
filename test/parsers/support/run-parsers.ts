import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Blacklisting } from '../../../src/domain/boot/parse/kmod-steps.ts';

/** The results of the real programs for a tree. */
export interface RealAnswer {
  /** Output and exit status of each. */
  readonly systemd: string;
  readonly systemdFails: boolean;
  /** Of systemd-sysctl with arguments. */
  readonly selected: string;
  readonly procps: string;
  /** Of sysctl with the arguments of the install line of firewalld. */
  readonly firewalld: string;
  /** Of `sysctl -p`. */
  readonly loaded: string;
  readonly config: string;
  /** What modprobe would do for each requested name, by itself and as systemd-modules-load does it. */
  readonly steps: Readonly<Record<Blacklisting, readonly string[]>>;
}

/** As firewalld gives them, without `--quiet`: the output shows what is written. */
export const FIREWALLD_ARGUMENTS = "--pattern 'net[.]netfilter[.]nf_conntrack.*' --system";

/** One process for a whole batch. Each program sees its tree as `/`, with a regular file in place of each sysctl. */
const SCRIPT = `
export SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_COLOR=0 SYSTEMD_LOG_LOCATION=0 SYSTEMD_LOG_TIME=0
for root in "$@"; do
  CREDENTIALS_DIRECTORY=/credentials chroot "$root" /bin/systemd-sysctl >"$root/systemd" 2>&1 </dev/null
  echo $? >"$root/status"
  CREDENTIALS_DIRECTORY=/credentials chroot "$root" /bin/systemd-sysctl $(cat "$root/arguments") >"$root/selected" 2>&1 </dev/null
  chroot "$root" /bin/sysctl --system >"$root/procps" 2>/dev/null </dev/null
  chroot "$root" /bin/sysctl ${FIREWALLD_ARGUMENTS} >"$root/firewalld" 2>/dev/null </dev/null
  chroot "$root" /bin/sysctl -p >"$root/loaded" 2>/dev/null </dev/null
  chroot "$root" /bin/modprobe -c >"$root/config" 2>/dev/null </dev/null
  for name in $(cat "$root/requested"); do
    chroot "$root" /bin/modprobe --show-depends "$name" >>"$root/aliases" 2>/dev/null </dev/null
    chroot "$root" /bin/modprobe -b --show-depends "$name" >>"$root/every-name" 2>/dev/null </dev/null
    for file in aliases every-name; do echo END >>"$root/$file"; done
  done
done
`;

export async function runParsers(roots: readonly string[]): Promise<readonly RealAnswer[]> {
  // The namespaces protect the settings of this host.
  await promisify(execFile)('unshare', ['--mount', '--net', '--ipc', '--uts', '--pid', '--fork', 'sh', '-c', SCRIPT, 'sh', ...roots]);
  return Promise.all(
    roots.map(async (root) => {
      const output = (name: string): Promise<string> => readFile(join(root, name), 'latin1');
      const systemdFails = (await output('status')).trim() !== '0';
      const [systemd, selected, procps] = [await output('systemd'), await output('selected'), await output('procps')];
      const stepsIn = async (name: Blacklisting): Promise<readonly string[]> => (await output(name)).split('END\n');
      const steps = { aliases: await stepsIn('aliases'), 'every-name': await stepsIn('every-name') };
      const [firewalld, loaded] = [await output('firewalld'), await output('loaded')];
      return { systemd, systemdFails, selected, procps, firewalld, loaded, config: await output('config'), steps };
    }),
  );
}

export interface RealWrite {
  readonly path: string;
  readonly value: string;
}

/** Parses the debugging output of systemd-sysctl. */
export function systemdWritten(output: string): readonly RealWrite[] {
  return [...output.matchAll(/^Setting '\/proc\/sys\/([^']*)' to '([^\n]*)'$/gm)].map(([, path = '', value = '']) => ({ path, value }));
}

/** Parses what sysctl prints for each key that it has written. */
export function procpsWritten(output: string): readonly RealWrite[] {
  return output.split('\n').flatMap((line) => {
    const at = line.indexOf(' = ');
    if (at === -1 || line.startsWith('* Applying')) return [];
    const key = line.slice(0, at);
    const dotted = /[./]/.exec(key)?.[0] === '.';
    const path = dotted ? key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : key;
    return [
      {
        path: path
          .split('/')
          .filter((part) => part !== '' && part !== '.')
          .join('/'),
        value: line.slice(at + 3),
      },
    ];
  });
}
