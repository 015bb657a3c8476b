import { ConntrackError } from '../../domain/conntrack-error.ts';
import { factsOf } from '../../domain/settings-catalogue.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { namespaceReplaced } from '../../domain/namespace-errors.ts';
import type { LiveSetting, LiveSettings, SettingName } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import type { KernelFiles } from '../kernel-files.ts';
import { requireLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { notPersistableIn } from '../not-persistable.ts';
import { readBootId } from '../running-kernel.ts';
import type { SettingReading } from '../worker/kernel-request.ts';
import type { NamespaceTables } from './namespace-tables.ts';
import { READINGS } from './setting-files.ts';
import { readOnlyByMode, WRITE_BITS } from './write-access.ts';

/** The settings of named network namespaces, read and written by a worker that enters the namespace and returns. */
export class NamespaceSettings {
  private readonly files: KernelFiles;
  private readonly namespaces: NamespaceTables;

  constructor(files: KernelFiles, namespaces: NamespaceTables) {
    this.files = files;
    this.namespaces = namespaces;
  }

  /**
   * @returns `undefined` if it is the namespace of the service
   * @throws ConntrackError `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `NOT_SUPPORTED_HERE`, `KERNEL_UNREADABLE`, `CONNTRACK_NOT_LOADED`
   */
  async read(name: string): Promise<LiveSettings | undefined> {
    const layout = await requireLayout(this.files);
    const request = { kind: 'settings', directory: layout.sysctlDirectory, prefix: `${layout.name}_` } as const;
    const { identity, isOwn, settings } = await this.namespaces.enter<'settings'>(name, request);
    if (isOwn) return undefined;
    const bootId = await this.requireBootId();
    return {
      layout: layout.name,
      bootId,
      namespace: { name, identity: `${bootId}:${identity}` },
      notPersistable: notPersistableIn(name),
      settings: Object.entries(settings)
        .filter(([setting]) => !READINGS.has(setting))
        .map(([setting, reading]) => describe(layout, setting, reading))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  /** @throws as `read`; ConntrackError `NAMESPACE_REPLACED` if the name now belongs to another namespace; `KERNEL_REFUSED` */
  async write(namespace: NamespaceRef, setting: SettingName, value: number): Promise<number> {
    if (!Number.isSafeInteger(value)) throw new RangeError(`expected a safe integer for ${setting}, found ${String(value)}`);
    const layout = await requireLayout(this.files);
    const prefix = `${await this.requireBootId()}:`;
    if (!namespace.identity.startsWith(prefix)) throw namespaceReplaced(namespace.name);
    const identity = namespace.identity.slice(prefix.length);
    const path = sysctlPath(layout, setting);
    const written = await this.namespaces.enter<'write'>(namespace.name, { kind: 'write', identity, path, value });
    if ('refused' in written) throw new KernelFileError('write', path, written.refused).toConntrackError('KERNEL_REFUSED');
    if (typeof written.value === 'number') return written.value;
    throw new KernelFileError('read', path, written.value).toConntrackError('KERNEL_UNREADABLE');
  }

  /** The kernel numbers namespaces anew after each boot. */
  private async requireBootId(): Promise<string> {
    const bootId = await readBootId(this.files);
    if (bootId !== undefined) return bootId;
    throw new ConntrackError('KERNEL_UNREADABLE', 'The id of this boot cannot be read, so network namespaces cannot be told apart.');
  }
}

function describe(layout: KernelLayout, name: SettingName, { value, mode, refusal }: SettingReading): LiveSetting {
  const facts = factsOf(name);
  const path = sysctlPath(layout, name);
  const notWritable = facts.scope === 'host' ? hostOnly(name) : refusalOf(path, mode, refusal)?.reason;
  return {
    name,
    key: `${layout.keyPrefix}${layout.name}_${name}`,
    ...facts,
    ...(typeof value === 'number' ? { value } : { unreadable: new KernelFileError('read', path, value).reason }),
    writable: notWritable === undefined,
    ...(notWritable !== undefined && { notWritable }),
  };
}

/** Some kernels before 5.13 accept the write and change the host. */
function hostOnly(name: SettingName): string {
  return `${name} is one value for the whole host: change it without a network namespace`;
}

function refusalOf(path: string, mode: number, refusal: SettingReading['refusal']): KernelFileError | undefined {
  if ((mode & WRITE_BITS) === 0) return readOnlyByMode(path, mode);
  return refusal && new KernelFileError('write', path, refusal);
}
