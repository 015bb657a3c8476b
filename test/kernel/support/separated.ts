import { chmod, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { BootHelper, type BootHelperOptions } from '../../support/boot-helper.ts';
import { Home, type Place } from './home.ts';
import { run } from './run.ts';

/** An account that exists on every machine and owns nothing. */
export const USER = 'nobody';
/** Mount points of the checkout and the home in the service's mount namespace, so that an ordinary user can reach them. */
const CHECKOUT = '/mnt';
const HOME = '/media';

const MOUNTS = 'mount --bind "$1" /etc && mount --bind "$2" /mnt && mount --bind "$3" /media && shift 3 && exec "$@"';
const ORDINARY = [
  'setpriv',
  `--reuid=${USER}`,
  '--regid=nogroup',
  '--clear-groups',
  '--inh-caps=-all,+net_admin',
  '--ambient-caps=-all,+net_admin',
];
const BOUNDED = ['--bounding-set=-all,+net_admin', '--no-new-privs', '--pdeathsig', 'KILL', '--'];

/** A home whose service is an ordinary user with CAP_NET_ADMIN and nothing else, and whose helper is root. */
export class SeparatedHome {
  readonly dataDir = join(HOME, 'data');
  readonly home: Home;
  readonly token: string;
  readonly helper: BootHelper;

  private constructor(home: Home, token: string, helper: BootHelper) {
    this.home = home;
    this.token = token;
    this.helper = helper;
  }

  static async create(options: BootHelperOptions = {}): Promise<SeparatedHome> {
    const home = await Home.create();
    const token = await home.createToken();
    await run('chown', ['-R', USER, home.dataDir]);
    // The parent directories stay inaccessible.
    await chmod(home.directory, 0o711);
    return new SeparatedHome(home, token, await BootHelper.listen(home.directory, home.directory, { user: USER, ...options }));
  }

  get flags(): readonly string[] {
    return ['--boot-helper', join(HOME, 'boot.sock')];
  }

  get directory(): string {
    return this.home.directory;
  }

  get etc(): string {
    return this.home.etc;
  }

  /** As `Home.wrap`, but as the ordinary user. */
  wrap(place: Place, command: readonly string[]): [string, ...string[]] {
    const inside = command.map((word) => (word.startsWith(`${process.cwd()}/`) ? join(CHECKOUT, relative(process.cwd(), word)) : word));
    const mounted = ['unshare', '--mount', 'sh', '-c', MOUNTS, 'sh', this.home.etc, process.cwd(), this.home.directory];
    return ['setpriv', '--pdeathsig', 'KILL', '--', ...place.prefix, ...mounted, ...ORDINARY, ...BOUNDED, 'env', this.mark, ...inside];
  }

  /** The process id of the service, found by its environment. */
  async pid(): Promise<number> {
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
    for (const pid of pids) {
      const variables = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (variables.split('\0').includes(this.mark)) return pid;
    }
    throw new Error('The service is not running.');
  }

  private get mark(): string {
    return `TEST_HOME=${this.directory}`;
  }

  async remove(): Promise<void> {
    await this.helper.close();
    await this.home.remove();
  }
}
