import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
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
  const remove = (): void => {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  try {
    const enclosed = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', process.execPath, MAKER, work, flavour.name];
    // Its end is the end of all in there, and of what is mounted; it heeds no other signal.
    await execute('unshare', enclosed, { timeoutSeconds: MAKER_SECONDS, endWith: 'SIGKILL' });
    await removeOthers(flavour);
    await rename(work, directory);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** Images of an earlier recipe. */
async function removeOthers({ name }: Flavour): Promise<void> {
  const isOlder = new RegExp(`^${name}-[0-9a-f]{12}$`);
  for (const entry of await readdir(cacheDirectory()))
    if (isOlder.test(entry)) await rm(join(cacheDirectory(), entry), { recursive: true });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
