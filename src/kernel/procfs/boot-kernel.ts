import { KernelBoot } from '../../application/ports/kernel.ts';
import type { BootKernel } from '../../domain/boot/boot-input.ts';
import { tableDefaults } from '../../domain/boot/table-defaults.ts';
import { factsOf } from '../../domain/settings-catalogue.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { requireLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { networkNamespace } from '../network-namespace.ts';
import { isBuiltIn } from '../built-in.ts';
import type { KernelWorker } from '../worker/kernel-worker.ts';
import { KernelRequestRefused } from '../worker/kernel-worker.ts';
import { readMemory } from './memory.ts';
import { listSettingFiles, type SettingFile } from './setting-files.ts';

const RELEASE = '/proc/sys/kernel/osrelease';
const OWNER_MAY_WRITE = 0o200;

/** Through files, and for the defaults of settings through a network namespace that is made and left for the purpose. */
export class ProcfsBootKernel extends KernelBoot {
  private readonly files: KernelFiles;
  private readonly worker: KernelWorker;
  /** Asked once: they are compiled in. */
  private defaults: Promise<SettingValues> | undefined;

  /** @param root `/`, or a directory with a kernel tree in it */
  constructor(root: string, worker: KernelWorker) {
    super();
    this.files = new KernelFiles(root);
    this.worker = worker;
  }

  async read(): Promise<BootKernel> {
    const layout = await requireLayout(this.files);
    const settings = await orFailure(listSettingFiles(this.files, layout));
    if (settings instanceof KernelFileError) throw settings.toConntrackError('KERNEL_UNREADABLE');
    const release = await orFailure(this.files.readText(RELEASE));
    const memory = await readMemory(this.files, layout);
    this.defaults ??= this.measureDefaults(layout, settings);
    return {
      layout: layout.name,
      builtIn: await isBuiltIn(this.files, layout),
      live: settings.map(({ name }) => name),
      bucketsPerPage: memory.bucketQuantum ?? 1,
      bucketsWritable: await this.bucketsWritable(layout),
      defaults: {
        ...(await this.defaults),
        ...tableDefaults({ ...memory, ...(typeof release === 'string' && { release: release.trim() }) }),
      },
    };
  }

  /** By its mode, which is the same for everybody; a child network namespace shows it as read-only whatever the kernel, so there nothing is told by it. */
  private async bucketsWritable(layout: KernelLayout): Promise<boolean> {
    const mode = await orFailure(this.files.mode(sysctlPath(layout, 'buckets')));
    if (mode === undefined || mode instanceof KernelFileError || layout.name === 'ip_conntrack') return false;
    return (mode & OWNER_MAY_WRITE) !== 0 || (await networkNamespace(this.files, layout)) === 'child';
  }

  /** Of the settings that each network namespace has for itself. Empty where no namespace can be made: not everybody may. */
  private async measureDefaults(layout: KernelLayout, files: readonly SettingFile[]): Promise<SettingValues> {
    if (this.files.isElsewhere || layout.name === 'ip_conntrack') return {};
    const paths = Object.fromEntries(files.filter(({ name }) => factsOf(name).scope === 'namespace').map(({ name, path }) => [name, path]));
    try {
      const found = Object.entries(await this.worker.request<'defaults'>({ kind: 'defaults', paths }));
      return Object.fromEntries(found.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
    } catch (error) {
      if (error instanceof KernelRequestRefused) return {};
      throw error;
    }
  }
}
