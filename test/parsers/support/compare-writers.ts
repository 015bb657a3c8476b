import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import type { BootInput } from '../../../src/domain/boot/boot-input.ts';
import { udevCommands } from '../../../src/domain/boot/parse/udev-rule.ts';
import { resolveBoot } from '../../../src/domain/boot/resolve-boot.ts';
import type { WriterRun } from './run-writers.ts';

/** What differs between the preview and systemd-tmpfiles: the value of each setting after the boot. */
export async function tmpfilesDisagreements({ root, before, after }: WriterRun): Promise<readonly string[]> {
  const { settings } = resolveBoot(await inputOf(root, before));
  return settings.flatMap(({ name, value, origin }) => {
    const ours = value === undefined ? origin : String(value);
    return ours === after[name] ? [] : [`${name}: preview ${ours}, systemd-tmpfiles ${String(after[name])}`];
  });
}

/** What differs between the preview and udev: the assignments and commands at the event of the module, in order. */
export async function udevDisagreements({ root, before, output }: WriterRun): Promise<readonly string[]> {
  const { files } = await inputOf(root, before);
  const { onLoad, atOtherEvents } = udevCommands(files, 'nf_conntrack');
  const shown = (commands: typeof onLoad): readonly string[] =>
    commands.map(({ command }) => (command.kind === 'assign' ? `${command.path}=${command.value ?? '?'}` : command.kind));
  const [ours, real] = [shown(onLoad), realWrites(output)];
  // A rule that depends on more than the preview knows may apply too.
  const possible = shown(atOtherEvents);
  const isExplained =
    real.every((write) => ours.includes(write) || possible.includes(write)) && ours.every((write) => real.includes(write));
  const isSame = possible.length > 0 ? isExplained : ours.join('\n') === real.join('\n');
  return isSame ? [] : [`preview ${JSON.stringify(ours)}, possibly ${JSON.stringify(possible)}, udev ${JSON.stringify(real)}`];
}

function realWrites(output: string): readonly string[] {
  return output.split('\n').flatMap((line): readonly string[] => {
    const [, path, value] = /^Setting '\/proc\/sys\/(.*)' to '(.*)'$/.exec(line) ?? [];
    if (path !== undefined) return [`${path}=${value ?? ''}`];
    const [, size] = /ATTR '\/sys\/module\/nf_conntrack\/parameters\/hashsize' writing '(.*)'$/.exec(line) ?? [];
    if (size !== undefined) return [`net/netfilter/nf_conntrack_buckets=${size}`];
    const [, command = ''] = /^run: '(.*)'$/.exec(line) ?? [];
    const [, key, given] = /^\/(?:usr\/)?sbin\/sysctl (?:-[wq] )?([^ =]+)=(.*)$/.exec(command) ?? [];
    if (key !== undefined) return [`${key.replaceAll('.', '/')}=${given ?? ''}`];
    const [, echoed, file] = /^\/bin\/sh -c 'echo (.*) > \/proc\/sys\/(.*)'$/.exec(command) ?? [];
    return file === undefined ? [] : [`${file}=${echoed ?? ''}`];
  });
}

async function inputOf(root: string, before: Readonly<Record<string, string>>): Promise<BootInput> {
  const files = await new HostBootSources(root).read('nf_conntrack');
  const live = Object.keys(before);
  return {
    // The programs run now, not after a boot, so no directory is treated as being in memory.
    files: { ...files, init: 'systemd', inMemory: '/nothing', commandLine: { path: '/proc/cmdline', text: '' } },
    kernel: {
      layout: 'nf_conntrack',
      builtIn: true,
      live,
      bucketsPerPage: 512,
      bucketsWritable: true,
      defaults: Object.fromEntries(live.map((name) => [name, Number(before[name])])),
    },
  };
}
