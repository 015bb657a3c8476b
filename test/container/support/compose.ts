import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hostDirectory } from './host-directory.ts';

const COMPOSE = join(import.meta.dirname, '..', '..', '..', 'docker-compose.yml');

interface Service {
  readonly network_mode: string;
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cap_drop: readonly string[];
  readonly cap_add: readonly string[];
  readonly security_opt: readonly string[];
  readonly volumes: readonly string[];
}

/** Keys that do not apply to `podman run`, or that the test sets. */
const IGNORED_KEYS = ['build', 'image', 'restart'];

/** Podman's names for options that Docker names differently. */
const PODMAN_OPTIONS: Readonly<Record<string, string>> = {
  'systempaths=unconfined': 'unmask=ALL',
  'no-new-privileges:true': 'no-new-privileges',
};

/**
 * The service of the compose file as arguments of `podman run`. Host directories are replaced with temporary ones.
 *
 * @throws Error for a key that this function does not support, because it would not be tested
 */
export async function composed(directory: string): Promise<readonly string[]> {
  const document = parse(await readFile(COMPOSE, 'utf8')) as { readonly services: { readonly 'conntrack-api': Service } };
  const { network_mode, read_only, tmpfs, environment, cap_drop, cap_add, security_opt, volumes, ...others } =
    document.services['conntrack-api'];
  const unknown = Object.keys(others).filter((key) => !IGNORED_KEYS.includes(key));
  if (unknown.length > 0) throw new Error(`docker-compose.yml: this test does not support the keys ${unknown.join()}.`);
  // By default, Podman mounts more tmpfs in a read-only container than Docker does.
  const readOnly = read_only ? ['--read-only', '--read-only-tmpfs=false'] : [];
  return [
    ...['--network', network_mode, ...readOnly],
    ...tmpfs.flatMap((path) => ['--tmpfs', path]),
    ...Object.entries(environment).flatMap(([name, value]) => (name === 'CONNTRACK_API_PORT' ? [] : ['--env', `${name}=${value}`])),
    ...cap_drop.map((name) => `--cap-drop=${name}`),
    ...cap_add.map((name) => `--cap-add=${name}`),
    ...security_opt.map((option) => `--security-opt=${PODMAN_OPTIONS[option] ?? option}`),
    ...(await Promise.all(volumes.map((volume) => mount(directory, volume)))).flat(),
  ];
}

async function mount(directory: string, volume: string): Promise<readonly string[]> {
  const [source = '', target = ''] = volume.split(':');
  return ['--volume', `${source.startsWith('/') ? await hostDirectory(directory, source) : source}:${target}`];
}
