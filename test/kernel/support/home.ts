import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import { run } from './run.ts';

/** Where a command runs: an empty prefix for the host's own network namespace, `ip netns exec …` for another. */
export interface Place {
  readonly prefix: readonly string[];
}

export const MAIN = resolve('dist/main.js');

/** The environment without any configuration of the service, which the tests set explicitly. The socket of root would be the same for all tests. */
export const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONNTRACK_API_'))),
  CONNTRACK_API_SOCKET: 'none',
};

/**
 * The directory of one test file: the service's data and the /etc it sees.
 *
 * `etc` is a copy of the machine's, mounted over /etc for the service alone, so that persisting never touches the real one.
 */
export class Home {
  readonly directory: string;
  readonly etc: string;
  readonly dataDir: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.etc = join(directory, 'etc');
    this.dataDir = join(directory, 'data');
  }

  static async create(): Promise<Home> {
    const home = new Home(await mkdtemp(join(inject('scratch'), 'home-')));
    await run('cp', ['-a', '/etc', home.etc]);
    await run('sh', ['-c', 'rm -f "$1"/*.d/*conntrack-api.conf', 'sh', home.etc]);
    await mkdir(home.dataDir);
    return home;
  }

  /** Runs the built command line on this home's data and returns its output. */
  commandLine(...args: readonly string[]): Promise<string> {
    return run(process.execPath, [MAIN, ...args, '--data-dir', this.dataDir], { env: environment });
  }

  async createToken(scopes = 'all'): Promise<string> {
    const printed = await this.commandLine('token', 'create', '--name', 'kernel-test', '--scope', scopes, '--json');
    return (JSON.parse(printed) as { readonly token: string }).token;
  }

  /** A command line that runs `command` in `place` with this home's etc mounted over /etc. It is killed when its parent ends. */
  wrap(place: Place, command: readonly string[]): [string, ...string[]] {
    const bind = 'mount --bind "$1" /etc && shift && exec "$@"';
    // Network namespaces that are created later appear in /run/netns.
    const unshare = ['unshare', '--mount', '--propagation', 'slave'];
    return ['setpriv', '--pdeathsig', 'KILL', '--', ...place.prefix, ...unshare, 'sh', '-c', bind, 'sh', this.etc, ...command];
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
