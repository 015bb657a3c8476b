import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Flavour } from './flavours.ts';
import { GUEST, UNITS } from './image-contents.ts';

/** What a machine is started from. Its files are never written to. */
export interface BaseImage {
  readonly flavour: Flavour;
  /** Raw, ext4. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly kernelRelease: string;
  /** 0 where it was there already. */
  readonly secondsToMake: number;
}

const MAKER = join(import.meta.dirname, 'make-base-image.ts');
const MAKER_SECONDS = 900;

/** Where images are kept from one run to the next. */
export function cacheDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['CONNTRACK_API_REBOOT_CACHE'] ?? join(cache, 'conntrack-api-reboot');
}

/** Takes it from the cache, or makes it. */
export async function baseImage(flavour: Flavour): Promise<BaseImage> {
  const directory = join(cacheDirectory(), `${flavour.name}-${await recipe(flavour)}`);
  const started = Date.now();
  const isNew = !(await isThere(directory));
  if (isNew) await make(flavour, directory);
  const kernelRelease = (await readFile(join(directory, 'release'), 'utf8')).trim();
  const paths = { disk: join(directory, 'disk'), kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd') };
  return { flavour, ...paths, kernelRelease, secondsToMake: isNew ? (Date.now() - started) / 1_000 : 0 };
}

/** Another recipe makes another image: of everything that goes in, except what the archive has of the day. */
async function recipe(flavour: Flavour): Promise<string> {
  const makers = ['make-base-image.ts', 'image-contents.ts', 'initrd.ts'].map((name) => join(import.meta.dirname, name));
  const hash = createHash('sha256').update(JSON.stringify(flavour));
  for (const source of [...makers, ...[...UNITS, 'init'].map((name) => join(GUEST, name))]) hash.update(await readFile(source));
  return hash.digest('hex').slice(0, 12);
}

async function make(flavour: Flavour, directory: string): Promise<void> {
  await mkdir(cacheDirectory(), { recursive: true });
  const work = await mkdtemp(join(cacheDirectory(), '.making-'));
  try {
    const enclosed = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', process.execPath, MAKER, work, flavour.name];
    await execute('unshare', enclosed, { timeoutSeconds: MAKER_SECONDS });
    await rename(work, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
