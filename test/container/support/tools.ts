import { execute, script } from '../../reboot/support/execute.ts';

/** Required programs and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  podman: 'podman',
  runc: 'runc',
  crun: 'crun',
  catatonit: 'catatonit',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
};
const INSTALL_SECONDS = 300;

/** Installs missing programs. @throws Error unless this runs as root on Debian with writable conntrack settings */
export async function requireTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('Expected root: the test starts containers on the network of the host.');
  await script('test -w /proc/sys/net/nf_conntrack_max').catch(() => {
    throw new Error('Expected writable conntrack settings in the initial network namespace: run modprobe nf_conntrack.');
  });
  const wanted = await Promise.all(Object.entries(TOOLS).map(async ([tool, name]) => ((await isThere(tool)) ? [] : [name])));
  if (wanted.flat().length === 0) return;
  await execute('apt-get', ['update', '-q'], { timeoutSeconds: INSTALL_SECONDS });
  const install = ['install', '-y', '-q', '--no-install-recommends', ...wanted.flat()];
  await execute('apt-get', install, { timeoutSeconds: INSTALL_SECONDS });
}

function isThere(tool: string): Promise<boolean> {
  return script('command -v "$1"', [tool]).then(
    () => true,
    () => false,
  );
}
