import { access, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { script } from '../../reboot/support/execute.ts';
import { BASE } from './base-image.ts';
import type { Podman } from './podman.ts';

const PROJECT = join(import.meta.dirname, '..', '..', '..');
const BUILD_SECONDS = 600;
/** Path in the build of the caller's additional CA certificates. */
const AUTHORITIES = '/root/authorities.pem';
/** Any fixed time works; the README uses `git log -1 --format=%ct`. */
const SOURCE_DATE_EPOCH = 1_767_225_600;

/** An image identified by the digests of its manifest and its configuration. */
export interface Built {
  readonly digest: string;
  readonly id: string;
  readonly bytes: number;
}

/**
 * Builds the image from a copy of the checkout that is created with this umask and the current time.
 *
 * The build uses the caller's npm configuration, cache and CA certificates, because the registry may be a mirror.
 */
export async function build(podman: Podman, tag: string, context: string, umask: string): Promise<Built> {
  const names = (await readFile(join(PROJECT, '.dockerignore'), 'utf8')).split('\n').filter((line) => line.startsWith('!'));
  await script('umask "$1"; mkdir "$3"; cd "$2"; out=$3; shift 3; cp -r Dockerfile .dockerignore "$@" "$out"', [
    umask,
    PROJECT,
    context,
    ...names.map((name) => name.slice(1)),
  ]);
  // Intermediate images would leave their names, which differ in each build, in the history of the image. Docker's old format would contain the
  // name of the build container.
  const args = ['--format', 'oci', '--layers=false', '--no-cache', '--pull=never', '--network', 'host', '--build-arg', `BASE=${BASE}`];
  await podman.runWithin(
    { timeoutSeconds: BUILD_SECONDS },
    ...['build', ...args, '--timestamp', String(SOURCE_DATE_EPOCH), ...(await settingsOfNpm(dirname(context))), '--tag', tag, context],
  );
  const printed = await podman.run('image', 'inspect', '--format', '{{.Digest}} {{.Id}} {{.Size}}', tag);
  const [digest = '', id = '', bytes = ''] = printed.trim().split(' ');
  return { digest, id, bytes: Number(bytes) };
}

/** Volumes for the build. @param directory for a temporary npmrc */
async function settingsOfNpm(directory: string): Promise<readonly string[]> {
  const [settings = '', cache = ''] = (await script('npm config get userconfig; npm config get cache')).split('\n');
  const own = join(directory, 'npmrc');
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  await writeFile(own, `prefer-offline=true\n${authorities === undefined ? '' : `cafile=${AUTHORITIES}\n`}`);
  const volumes = [`${cache}:/root/.npm`, `${own}:/usr/local/etc/npmrc:ro`];
  if (authorities !== undefined) volumes.push(`${authorities}:${AUTHORITIES}:ro`);
  if (await isThere(settings)) volumes.push(`${settings}:/root/.npmrc:ro`);
  return volumes.flatMap((volume) => ['--volume', volume]);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
