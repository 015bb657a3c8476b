import { BootSourceFiles, type FileOverlay } from '../../application/ports/boot-sources.ts';
import type { BootFile, BootFilesFound } from '../../domain/boot/boot-input.ts';
import type { Layout } from '../../domain/layout.ts';
import { readBootServices } from './boot-services.ts';
import { readDirectories } from './directories.ts';
import { enabledUnits, namesIn } from './enabled-units.ts';
import { readFirewallUnits } from './firewall-units.ts';
import { InitramfsReader } from './initramfs.ts';
import { readMisplaced } from './misplaced-files.ts';
import { readModuleTree } from './module-tree.ts';
import { RootedTree } from './rooted-tree.ts';
import { Snapshot } from './snapshot.ts';
import { readSysctlCredential } from './sysctl-credential.ts';
import { readNamedFiles, readWriters } from './writers/read-writers.ts';

const FILE_BYTES_MAX = 1_048_576;
const CONFIG_BYTES_MAX = 2_097_152;
const COMMAND_LINE = '/proc/cmdline';
const SINGLE_FILES = {
  sysctlConf: '/etc/sysctl.conf',
  modprobeConf: '/etc/modprobe.conf',
  etcModules: '/etc/modules',
  modulesConf: '/etc/modules.conf',
} as const;

/** The files of a Linux host below `root` (`/` in production). Reads them once, and again when one of them has changed. */
export class HostBootSources extends BootSourceFiles {
  private readonly root: string;
  private readonly initramfs = new InitramfsReader();
  private last: { readonly snapshot: Snapshot; readonly found: BootFilesFound } | undefined;

  constructor(root: string) {
    super();
    this.root = root;
  }

  async read(_layout: Layout, overlay: FileOverlay = {}): Promise<BootFilesFound> {
    if (Object.keys(overlay).length > 0) return this.readAll(new RootedTree(this.root, overlay));
    if (this.last && (await this.last.snapshot.isCurrent())) return this.last.found;
    const [startedAt, tree] = [Date.now(), new RootedTree(this.root)];
    const found = await this.readAll(tree);
    const snapshot = await Snapshot.of(this.root, tree, startedAt);
    this.last = snapshot && { snapshot, found };
    return found;
  }

  private async readAll(tree: RootedTree): Promise<BootFilesFound> {
    const release = (await tree.text('/proc/sys/kernel/osrelease', FILE_BYTES_MAX))?.trim();
    const commandLine = await tree.text(COMMAND_LINE, FILE_BYTES_MAX);
    const directories = await readDirectories(tree);
    const singles = await readSingles(tree);
    const services = await readBootServices(tree);
    const init = await initOf(tree);
    const enabled = await enabledUnits(tree);
    const firewallUnits = await readFirewallUnits(tree, enabled);
    const sysctlCredential = await readSysctlCredential(tree, services, commandLine);
    const moduleLists = await readModuleLists(tree);
    const writers = await readWriters(tree, enabled, init !== 'other');
    const namedFiles = await readNamedFiles(tree, writers, directories);
    const modules = release === undefined ? undefined : await readModuleTree(tree, release);
    const initramfs = release === undefined ? undefined : await this.initramfs.read(tree, release);
    const misplaced = await readMisplaced(tree, directories);
    const formerPaths = await readFormerPaths(tree);
    const ticks = await ticksPerSecond(tree, release);
    return {
      init,
      inMemory: '/run',
      ...(commandLine !== undefined && { commandLine: { path: COMMAND_LINE, text: commandLine.replace(/\n$/, '') } }),
      directories,
      ...singles,
      firewallUnits,
      ...(services !== undefined && { services }),
      ...(sysctlCredential !== undefined && { sysctlCredential }),
      ...(moduleLists.length > 0 && { moduleLists }),
      ...(writers.length > 0 && { writers }),
      ...(namedFiles.length > 0 && { namedFiles }),
      ...(misplaced.length > 0 && { misplaced }),
      ...(formerPaths.length > 0 && { formerPaths }),
      ...(initramfs !== undefined && { initramfs }),
      ...(modules !== undefined && { modules }),
      ...(ticks !== undefined && { ticksPerSecond: ticks }),
    };
  }
}

async function readSingles(tree: RootedTree): Promise<Pick<BootFilesFound, keyof typeof SINGLE_FILES>> {
  const entries = await Promise.all(
    Object.entries(SINGLE_FILES).map(async ([role, path]) => [role, await tree.read(path, FILE_BYTES_MAX)] as const),
  );
  return Object.fromEntries(entries.filter(([, file]) => file !== undefined));
}

async function readModuleLists(tree: RootedTree): Promise<readonly BootFile[]> {
  const directories = ['/etc/modules-boot.d', '/etc/modules.d'];
  const paths = directories.map(async (directory) => (await namesIn(tree, directory)).map((name) => `${directory}/${name}`));
  const files = (await Promise.all(paths)).flat().map((path) => tree.read(path, FILE_BYTES_MAX));
  return (await Promise.all(files)).filter((file) => file !== undefined);
}

/** Paths below /proc/sys. */
async function readFormerPaths(tree: RootedTree): Promise<readonly string[]> {
  const names = await tree.list('/proc/sys/net/ipv4/netfilter');
  const settings = names === undefined || 'errno' in names ? [] : names.filter((name) => /^ip_conntrack_/.test(name));
  const hasAlias = (await tree.stats('/proc/sys/net/ipv4/ip_conntrack_max')) !== undefined;
  return [...settings.map((name) => `net/ipv4/netfilter/${name}`), ...(hasAlias ? ['net/ipv4/ip_conntrack_max'] : [])];
}

/** The running init system, detected as sd_booted(3) does. In a tree that is not running, the one that /sbin/init links to. */
async function initOf(tree: RootedTree): Promise<BootFilesFound['init']> {
  if ((await tree.stats('/run/systemd/system'))?.stats.isDirectory() === true) return 'systemd';
  const init = await tree.stats('/sbin/init');
  if (init !== undefined) return init.path.endsWith('/systemd') ? 'systemd' : 'other';
  const installed = (await tree.stats('/usr/lib/systemd/systemd')) ?? (await tree.stats('/lib/systemd/systemd'));
  return installed === undefined ? 'unknown' : 'systemd';
}

/** CONFIG_HZ of the running kernel, from the configuration that distributions install with it. */
async function ticksPerSecond(tree: RootedTree, release: string | undefined): Promise<number | undefined> {
  if (release === undefined) return undefined;
  const text =
    (await tree.text(`/boot/config-${release}`, CONFIG_BYTES_MAX)) ?? (await tree.text(`/lib/modules/${release}/config`, CONFIG_BYTES_MAX));
  const [, ticks] = /^CONFIG_HZ=(\d+)$/m.exec(text ?? '') ?? [];
  return ticks === undefined ? undefined : Number(ticks);
}
