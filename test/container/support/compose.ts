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

/** What is no matter of a single container, or is the test's own business. */
const LEFT_OUT = ['build', 'image', 'restart'];

/** What Docker calls otherwise, in Podman's words. */
const WORDS: Readonly<Record<string, string>> = { 'systempaths=unconfined': 'unmask=ALL', 'no-new-privileges:true': 'no-new-privileges' };

/**
 * The service of the compose file, as arguments of `podman run`; directories of the host are stood in for by others.
 *
 * @throws Error at a key that is not understood here: it would not be tried
 */
export async function composed(directory: string): Promise<readonly string[]> {
  const document = parse(await readFile(COMPOSE, 'utf8')) as { readonly services: { readonly 'conntrack-api': Service } };
  const { network_mode, read_only, tmpfs, environment, cap_drop, cap_add, security_opt, volumes, ...others } =
    document.services['conntrack-api'];
  const unknown = Object.keys(others).filter((key) => !LEFT_OUT.includes(key));
  if (unknown.length > 0) throw new Error(`docker-compose.yml: this test does not know ${unknown.join()}.`);
  // Podman would give a read-only container more tmpfs than Docker does.
  const readOnly = read_only ? ['--read-only', '--read-only-tmpfs=false'] : [];
  return [
    ...['--network', network_mode, ...readOnly],
    ...tmpfs.flatMap((path) => ['--tmpfs', path]),
    ...Object.entries(environment).flatMap(([name, value]) => (name === 'CONNTRACK_API_PORT' ? [] : ['--env', `${name}=${value}`])),
    ...cap_drop.map((name) => `--cap-drop=${name}`),
    ...cap_add.map((name) => `--cap-add=${name}`),
    ...security_opt.map((option) => `--security-opt=${WORDS[option] ?? option}`),
    ...(await Promise.all(volumes.map((volume) => mount(directory, volume)))).flat(),
  ];
}

async function mount(directory: string, volume: string): Promise<readonly string[]> {
  const [source = '', target = ''] = volume.split(':');
  return ['--volume', `${source.startsWith('/') ? await hostDirectory(directory, source) : source}:${target}`];
}
