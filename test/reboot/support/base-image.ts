import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Flavour } from './flavours.ts';
import { GUEST, UNITS } from './image-contents.ts';

/** The image from which machines are started. Its files are never changed. */
export interface BaseImage {
  readonly flavour: Flavour;
  /** Raw, ext4. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly kernelRelease: string;
  /** 0 if it already existed. */
  readonly secondsToMake: number;
}

const MAKER = join(import.meta.dirname, 'make-base-image.ts');
const MAKER_SECONDS = 900;

/** The directory in which images are kept between runs. */
export function cacheDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['CONNTRACK_API_REBOOT_CACHE'] ?? join(cache, 'conntrack-api-reboot');
}

/** Returns the image from the cache, or creates it. */
export async function baseImage(flavour: Flavour): Promise<BaseImage> {
  const directory = join(cacheDirectory(), `${flavour.name}-${await recipe(flavour)}`);
  const started = Date.now();
  const isNew = !(await exists(directory));
  if (isNew) await make(flavour, directory);
  const kernelRelease = (await readFile(join(directory, 'release'), 'utf8')).trim();
  const paths = { disk: join(directory, 'disk'), kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd') };
  return { flavour, ...paths, kernelRelease, secondsToMake: isNew ? (Date.now() - started) / 1_000 : 0 };
}

/** A hash of everything that determines the image, except the current content of the package archive. */
async function recipe(flavour: Flavour): Promise<string> {
  const makers = ['make-base-image.ts', 'image-contents.ts', 'initrd.ts'].map((name) => join(import.meta.dirname, name));
  const hash = createHash('sha256').update(JSON.stringify(flavour));
  for (const source of [...makers, ...[...UNITS, 'init'].map((name) => join(GUEST, name))]) hash.update(await readFile(source));
  return hash.digest('hex').slice(0, 12);
}

async function make(flavour: Flavour, directory: string): Promise<void> {
  await mkdir(cacheDirectory(), { recursive: true });
  const work = await mkdtemp(join(cacheDirectory(), '.making-'));
  const remove = (): void => {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  try {
    const enclosed = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', process.execPath, MAKER, work, flavour.name];
    // When it ends, all its processes end and its mounts are removed. It ignores other signals.
    await execute('unshare', enclosed, { timeoutSeconds: MAKER_SECONDS, endWith: 'SIGKILL' });
    await removeOthers(flavour);
    await rename(work, directory);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** Removes images of an earlier recipe. */
async function removeOthers({ name }: Flavour): Promise<void> {
  const isOlder = new RegExp(`^${name}-[0-9a-f]{12}$`);
  for (const entry of await readdir(cacheDirectory()))
    if (isOlder.test(entry)) await rm(join(cacheDirectory(), entry), { recursive: true });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
