import { execute } from './execute.ts';

/** Programs, and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  busybox: 'busybox-static',
  cpio: 'cpio',
  depmod: 'kmod',
  mke2fs: 'e2fsprogs',
  setpriv: 'util-linux',
  xz: 'xz-utils',
};

const INSTALL_SECONDS = 300;

/** @throws Error unless this runs as root on Debian with the required tools */
export async function requireTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('This needs root to create file systems of Debian machines.');
  if (process.arch !== 'x64')
    throw new Error(`This boots x86-64 machines without acceleration and needs an x86-64 host; this one is ${process.arch}.`);
  const missing: string[] = [];
  for (const [tool, name] of Object.entries(TOOLS)) if (!(await isThere(tool))) missing.push(name);
  if (missing.length === 0) return;
  await execute('apt-get', ['update', '-q'], { timeoutSeconds: INSTALL_SECONDS });
  await execute('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { timeoutSeconds: INSTALL_SECONDS });
}

function isThere(tool: string): Promise<boolean> {
  return execute('sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
}
