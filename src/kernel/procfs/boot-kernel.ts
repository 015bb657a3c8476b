import { KernelBoot } from '../../application/ports/kernel.ts';
import type { BootKernel } from '../../domain/boot/boot-input.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { tableDefaults } from '../../domain/boot/table-defaults.ts';
import { isBefore } from '../../domain/kernel-release.ts';
import { factsOf, USUAL_SETTINGS } from '../../domain/settings-catalogue.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { detectLayout, MODERN, requireLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { isBuiltIn, networkNamespace, readRelease } from '../running-kernel.ts';
import { KernelRequestRefused, type KernelWorker } from '../worker/kernel-worker.ts';
import { readMemory } from './memory.ts';
import { listSettingFiles, type SettingFile } from './setting-files.ts';

const MODULES = '/proc/modules';
/** Errors that a later attempt may not meet. ENOSPC: too many network namespaces. */
const TRANSIENT = ['INTERRUPTED', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC'];
const OWNER_MAY_WRITE = 0o200;

/** Reads files, and the defaults of settings in a temporary network namespace. */
export class ProcfsBootKernel extends KernelBoot {
  private readonly files: KernelFiles;
  private readonly worker: KernelWorker;
  /** Read once: the kernel cannot change them. Absent until a reading has succeeded. */
  private defaults: SettingValues | undefined;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string, worker: KernelWorker) {
    super();
    this.files = new KernelFiles(root);
    this.worker = worker;
  }

  async read(): Promise<BootKernel> {
    const layout = await detectLayout(this.files);
    if (layout === undefined) return this.unloaded();
    const settings = await orFailure(listSettingFiles(this.files, layout));
    if (settings instanceof KernelFileError) throw settings.toConntrackError('KERNEL_UNREADABLE');
    const release = await readRelease(this.files);
    const known = release === undefined ? {} : { release };
    const memory = await readMemory(this.files, layout);
    this.defaults ??= await this.readDefaults(layout, settings);
    return {
      layout: layout.name,
      builtIn: await isBuiltIn(this.files, layout),
      ...known,
      live: settings.map(({ name }) => name),
      bucketsPerPage: memory.bucketQuantum ?? 1,
      bucketsWritable: await this.bucketsWritable(layout),
      ...((await this.hasMaxByAlias(layout)) && { maxByAlias: true }),
      defaults: {
        ...this.defaults,
        ...tableDefaults({ ...memory, ...known }),
      },
    };
  }

  /** The kernel as it will be once the module is loaded, as far as that is known. */
  private async unloaded(): Promise<BootKernel> {
    // A kernel without modules would have it now.
    if (!(await this.files.exists(MODULES))) await requireLayout(this.files);
    const release = await readRelease(this.files);
    const known = release === undefined ? {} : { release };
    const memory = await readMemory(this.files, MODERN);
    return {
      layout: MODERN.name,
      builtIn: false,
      ...known,
      live: USUAL_SETTINGS.filter((name) => name !== 'helper' || isBefore(known.release, 6, 0)).toSorted(),
      bucketsPerPage: memory.bucketQuantum ?? 1,
      bucketsWritable: !isBefore(known.release, 4, 7),
      defaults: tableDefaults({ ...memory, ...known }),
    };
  }

  private async hasMaxByAlias(layout: KernelLayout): Promise<boolean> {
    return layout.name === 'ip_conntrack' && !(await this.files.exists(sysctlPath(layout, 'max'))) && this.files.exists(layout.maxAlias);
  }

  /** Checks the mode, not the permissions of this process. In a child network namespace the file is always read-only, so its mode means nothing. */
  private async bucketsWritable(layout: KernelLayout): Promise<boolean> {
    const mode = await orFailure(this.files.mode(sysctlPath(layout, 'buckets')));
    if (mode === undefined || mode instanceof KernelFileError || layout.name === 'ip_conntrack') return false;
    return (mode & OWNER_MAY_WRITE) !== 0 || (await networkNamespace(this.files, layout)) === 'child';
  }

  /**
   * Defaults of the settings that each network namespace has separately. Empty if this process may not create a network namespace.
   *
   * @throws ConntrackError `RESOURCES_EXHAUSTED`, `KERNEL_UNREADABLE` if that cannot be decided now: without the defaults, the result of a
   *   boot would be wrong
   */
  private async readDefaults(layout: KernelLayout, files: readonly SettingFile[]): Promise<SettingValues> {
    if (this.files.isElsewhere || layout.name === 'ip_conntrack') return {};
    const paths = Object.fromEntries(files.filter(({ name }) => factsOf(name).scope === 'namespace').map(({ name, path }) => [name, path]));
    try {
      const found = Object.entries(await this.worker.request<'defaults'>({ kind: 'defaults', paths }));
      return Object.fromEntries(found.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
    } catch (error) {
      if (!(error instanceof KernelRequestRefused)) throw error;
      if (!TRANSIENT.includes(error.failure.code)) return {};
      throw new ConntrackError('KERNEL_UNREADABLE', `The defaults of this kernel cannot be read now: ${error.message}.`, {
        errno: error.failure.code,
        remedy: 'Repeat the request.',
        cause: error,
      });
    }
  }
}
