import type { BootDirectory, BootFile, WriterFile, WriterProgram } from '../../../domain/boot/boot-input.ts';
import type { RootedTree } from '../rooted-tree.ts';
import { expand } from './expand.ts';
import { readKubernetes } from './kubernetes.ts';
import { readTunedProfiles } from './tuned-profiles.ts';
import { readUnitCommands } from './unit-commands.ts';

const FILE_BYTES_MAX = 262_144;
const FILES_MAX = 500;
const NAMED_MAX = 50;
const ABOUT_SETTINGS = /conntrack|sysctl/i;
const MAY_EXECUTE = 0o111;

/** Files that programs read without a unit that must be enabled. `*` matches any name in the directory. */
const ALWAYS: readonly (readonly [WriterProgram, WriterFile['order'], string])[] = [
  ['tmpfiles', 'unordered', '/etc/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/run/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/usr/local/lib/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/usr/lib/tmpfiles.d/*'],
  ['vyos', 'late', '/run/sysctl/*'],
  ['ifupdown', 'unordered', '/etc/network/interfaces'],
  ['ifupdown', 'unordered', '/etc/network/interfaces.d/*'],
  ['cron', 'late', '/etc/crontab'],
  ['cron', 'late', '/etc/cron.d/*'],
  ['cron', 'late', '/var/spool/cron/crontabs/root'],
  ['cron', 'late', '/var/spool/cron/root'],
  ['cloud-init', 'unordered', '/etc/cloud/cloud.cfg'],
  ['cloud-init', 'unordered', '/etc/cloud/cloud.cfg.d/*'],
  ['cloud-init', 'unordered', '/var/lib/cloud/instance/user-data.txt'],
  ['cloud-init', 'unordered', '/var/lib/cloud/instance/vendor-data.txt'],
];
/** They run only if they are executable. */
const SCRIPTS = [
  '/var/lib/cloud/scripts/per-boot/*',
  '/etc/ppp/ip-up.d/*',
  '/etc/rc.local',
  '/etc/rc.d/rc.local',
  '/etc/init.d/boot.local',
  '/etc/local.d/*',
  '/etc/network/if-pre-up.d/*',
  '/etc/network/if-up.d/*',
  '/etc/NetworkManager/dispatcher.d/*',
  '/etc/NetworkManager/dispatcher.d/pre-up.d/*',
  '/etc/networkd-dispatcher/routable.d/*',
  '/etc/networkd-dispatcher/configured.d/*',
];

/** The files of enabled programs that may set conntrack settings, besides those that the sysctl run reads. */
export async function readWriters(tree: RootedTree, enabled: ReadonlySet<string>, isSystemd: boolean): Promise<readonly WriterFile[]> {
  const isEnabled = (unit: string): boolean => !isSystemd || enabled.has(`${unit}.service`);
  const groups = await Promise.all([
    readUfw(tree, isEnabled('ufw')),
    readAlways(tree),
    readScripts(tree),
    isEnabled('tuned') ? readTunedProfiles(tree).then((files) => files.map((file) => writer('tuned', 'late', file))) : [],
    isEnabled('iptables') ? readMatching(tree, 'iptables-services', 'late', ['/etc/sysconfig/iptables-config']) : [],
    isEnabled('ip6tables') ? readMatching(tree, 'iptables-services', 'late', ['/etc/sysconfig/ip6tables-config']) : [],
    isEnabled('sysfsutils') ? readMatching(tree, 'sysfs', 'late', ['/etc/sysfs.conf', '/etc/sysfs.d/*']) : [],
    isEnabled('pve-firewall') ? readProxmox(tree) : [],
    isSystemd ? readUnitCommands(tree, enabled) : [],
    readKubernetes(tree, enabled),
  ]);
  return groups.flat();
}

/** The files that the commands in others name: scripts, and sysctl files outside the usual directories. */
export async function readNamedFiles(
  tree: RootedTree,
  writers: readonly WriterFile[],
  directories: readonly BootDirectory[],
): Promise<readonly BootFile[]> {
  const rules = directories.filter(({ kind }) => kind === 'rules.d' || kind === 'modprobe.d').flatMap(({ files }) => files);
  const texts = [...writers.map(({ file }) => file), ...rules].map(({ content }) => (content.kind === 'text' ? content.text : ''));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => /^\s*[^#;\s]/.test(line)));
  const commands = lines.filter((line) => /RUN|Exec|sysctl|up |@reboot|- |install /.test(line));
  const paths = new Set(
    commands.flatMap((line) => [...line.matchAll(/(?<![\w/.])\/(?!proc\/|sys\/|dev\/)[\w./@+-]+/g)].map(([path]) => path)),
  );
  const files = await Promise.all([...paths].slice(0, NAMED_MAX).map((path) => tree.read(path, FILE_BYTES_MAX)));
  return files.filter((file) => file !== undefined).filter(isAboutSettings);
}

function writer(program: WriterProgram, order: WriterFile['order'], file: BootFile): WriterFile {
  return { program, order, file };
}

async function readUfw(tree: RootedTree, isEnabled: boolean): Promise<readonly WriterFile[]> {
  const isOn = /^\s*ENABLED=["']?yes/im.test((await tree.text('/etc/ufw/ufw.conf', FILE_BYTES_MAX)) ?? '');
  const defaults = (await tree.text('/etc/default/ufw', FILE_BYTES_MAX)) ?? '';
  const path = [...defaults.matchAll(/^\s*IPT_SYSCTL=["']?([^"'\s#]*)/gm)].at(-1)?.[1];
  if (!isEnabled || !isOn || path === undefined || !path.startsWith('/')) return [];
  return readMatching(tree, 'ufw', 'unordered', [path]);
}

async function readAlways(tree: RootedTree): Promise<readonly WriterFile[]> {
  const found = await Promise.all(ALWAYS.map(([program, order, pattern]) => readAll(tree, program, order, [pattern])));
  return withoutMasked(found.flat()).filter(({ file }) => isAboutSettings(file));
}

/** A file of tmpfiles.d masks the same name in later directories. */
function withoutMasked(files: readonly WriterFile[]): readonly WriterFile[] {
  const seen = new Set<string>();
  return files.filter(({ program, file: { path } }) => {
    if (program !== 'tmpfiles') return true;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isFirst = /^[^.].*\.conf$/.test(name) && !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

async function readScripts(tree: RootedTree): Promise<readonly WriterFile[]> {
  const files = await readMatching(tree, 'script', 'late', SCRIPTS);
  const executable = await Promise.all(
    files.map(async ({ file }) => (((await tree.stats(file.path))?.stats.mode ?? 0) & MAY_EXECUTE) !== 0),
  );
  return files.filter((_, index) => executable[index]);
}

/** The firewall sets values only if the cluster has it switched on, and this host does not switch it off. */
async function readProxmox(tree: RootedTree): Promise<readonly WriterFile[]> {
  const isOn = /^\s*enable:\s*1\s*$/m.test((await tree.text('/etc/pve/firewall/cluster.fw', FILE_BYTES_MAX)) ?? '');
  if (!isOn) return [];
  const path = '/etc/pve/local/host.fw';
  const file = (await tree.read(path, FILE_BYTES_MAX)) ?? { path: '/etc/pve/firewall/cluster.fw', content: { kind: 'text', text: '' } };
  return [writer('pve-firewall', 'late', file)];
}

async function readMatching(
  tree: RootedTree,
  program: WriterProgram,
  order: WriterFile['order'],
  patterns: readonly string[],
): Promise<readonly WriterFile[]> {
  return (await readAll(tree, program, order, patterns)).filter(({ file }) => isAboutSettings(file));
}

async function readAll(
  tree: RootedTree,
  program: WriterProgram,
  order: WriterFile['order'],
  patterns: readonly string[],
): Promise<readonly WriterFile[]> {
  const paths = (await Promise.all(patterns.map((pattern) => expand(tree, pattern)))).flat();
  const files = await Promise.all(paths.slice(0, FILES_MAX).map((path) => tree.read(path, FILE_BYTES_MAX)));
  return files.filter((file) => file !== undefined).map((file) => writer(program, order, file));
}

function isAboutSettings({ content }: BootFile): boolean {
  return content.kind === 'text' && ABOUT_SETTINGS.test(content.text);
}
