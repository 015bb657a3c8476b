import { KernelSettings } from '../../application/ports/kernel.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { factsOf } from '../../domain/settings-catalogue.ts';
import type { LiveSetting, LiveSettings, SettingName } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { detectLayout, MODERN, requireLayout, type KernelLayout } from '../kernel-layout.ts';
import { networkNamespace, readBootId } from '../running-kernel.ts';
import { notPersistableHere } from '../not-persistable.ts';
import type { TableGate } from '../table-gate.ts';
import { bucketsFileToWrite, readBuckets } from './buckets.ts';
import { NamespaceSettings } from './namespace-settings.ts';
import { NamespaceTables } from './namespace-tables.ts';
import { listSettingFiles, type SettingFile } from './setting-files.ts';
import { refusalToWrite } from './write-access.ts';

/** Settings in the files of /proc/sys and /sys/module. */
export class ProcfsSettings extends KernelSettings {
  private readonly files: KernelFiles;
  private readonly gate: TableGate;
  private readonly namespaces: NamespaceSettings;

  /**
   * @param root `/`, or a directory with a kernel tree
   * @param gate serializes resizes and dumps
   */
  constructor(root: string, gate: TableGate, namespaces = NamespaceTables.disabled(root)) {
    super();
    this.gate = gate;
    this.files = new KernelFiles(root);
    this.namespaces = new NamespaceSettings(this.files, namespaces);
  }

  async read(namespace?: string): Promise<LiveSettings> {
    return (namespace === undefined ? undefined : await this.namespaces.read(namespace)) ?? this.readOwn();
  }

  private async readOwn(): Promise<LiveSettings> {
    const layout = await requireLayout(this.files);
    const found = await this.list(layout);
    const bootId = await readBootId(this.files);
    return {
      layout: layout.name,
      ...(bootId !== undefined && { bootId }),
      ...notPersistableHere(await networkNamespace(this.files, layout)),
      settings: await Promise.all(found.map((file) => this.describe(layout, file))),
    };
  }

  async readIfLoaded(namespace?: string): Promise<LiveSettings> {
    if (namespace !== undefined || (await detectLayout(this.files))) return this.read(namespace);
    const bootId = await readBootId(this.files);
    return { layout: MODERN.name, isLoaded: false, ...(bootId !== undefined && { bootId }), settings: [] };
  }

  async write(name: SettingName, value: number, namespace?: NamespaceRef): Promise<number> {
    if (namespace) return this.namespaces.write(namespace, name, value);
    const layout = await requireLayout(this.files);
    const file = (await this.list(layout)).find((candidate) => candidate.name === name);
    if (!file) throw new ConntrackError('SETTING_NOT_FOUND', `This kernel has no setting ${name} in ${layout.sysctlDirectory}.`);
    const write = () => orFailure(this.writeTo(layout, file, value));
    const refused = await (name === 'buckets' ? this.gate.exclusively(write) : write());
    if (refused instanceof KernelFileError) throw refused.toConntrackError('KERNEL_REFUSED');
    const effective = await orFailure(this.readValue(layout, file));
    if (effective instanceof KernelFileError) throw effective.toConntrackError('KERNEL_UNREADABLE');
    return effective;
  }

  private async list(layout: KernelLayout): Promise<readonly SettingFile[]> {
    const found = await orFailure(listSettingFiles(this.files, layout));
    if (found instanceof KernelFileError) throw found.toConntrackError('KERNEL_UNREADABLE');
    return found;
  }

  private async writeTo(layout: KernelLayout, file: SettingFile, value: number): Promise<void> {
    const path = file.name === 'buckets' ? await bucketsFileToWrite(this.files, layout) : file.path;
    if (path instanceof KernelFileError) throw path;
    await this.files.writeNumber(path, value);
  }

  private async describe(layout: KernelLayout, file: SettingFile): Promise<LiveSetting> {
    const known = { name: file.name, key: file.key, ...factsOf(file.name) };
    const writable = file.name === 'buckets' ? undefined : this.files.readIfWritable(file.path);
    if (writable !== undefined) return { ...known, value: writable, writable: true };
    const value = await orFailure(this.readValue(layout, file));
    const refused = await this.refusal(layout, file);
    return {
      ...known,
      ...(value instanceof KernelFileError ? { unreadable: value.reason } : { value }),
      writable: refused === undefined,
      ...(refused && { notWritable: refused.reason, notWritableErrno: refused.failure.code, notWritableRemedy: refused.remedy }),
    };
  }

  private readValue(layout: KernelLayout, { name, path }: SettingFile): Promise<number> {
    return name === 'buckets' ? readBuckets(this.files, layout) : this.files.readNumber(path);
  }

  private async refusal(layout: KernelLayout, { name, path }: SettingFile): Promise<KernelFileError | undefined> {
    if (name !== 'buckets') return refusalToWrite(this.files, path);
    const target = await bucketsFileToWrite(this.files, layout);
    return target instanceof KernelFileError ? target : undefined;
  }
}
