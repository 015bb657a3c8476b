import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { debianArchive } from '../../reboot/support/flavours.ts';
import { execute, script } from '../../reboot/support/execute.ts';
import type { Podman } from './podman.ts';

export const BASE = 'localhost/base';
const RELEASE = 'bookworm';
const BOOTSTRAP_SECONDS = 600;

/**
 * Builds a substitute for `node:24-bookworm-slim`, so that no image registry is needed: a minimal Debian of the same release with the Node and
 * npm that run this test, at the paths of that image.
 */
export async function makeBaseImage(podman: Podman, directory: string): Promise<void> {
  const tar = join(directory, 'base.tar');
  const npm = await npmDirectory();
  const installNode = `--customize-hook=
    mkdir -p "$1/usr/local/bin" "$1/usr/local/lib/node_modules"
    cp "${await realpath(process.execPath)}" "$1/usr/local/bin/node"
    cp -rL "${npm}" "$1/usr/local/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"`;
  await execute(
    'mmdebstrap',
    ['--mode=root', '--variant=essential', '--include=libstdc++6,ca-certificates', installNode, RELEASE, tar, await debianArchive()],
    { timeoutSeconds: BOOTSTRAP_SECONDS },
  );
  await podman.run('import', '--change', 'ENTRYPOINT ["docker-entrypoint.sh"]', '--change', 'CMD ["node"]', tar, BASE);
  await script('rm "$1"', [tar]);
}

async function npmDirectory(): Promise<string> {
  const program = process.env['npm_execpath'] ?? (await script('command -v npm')).trim();
  return dirname(dirname(await realpath(program)));
}
