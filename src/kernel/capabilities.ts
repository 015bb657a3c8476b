import { KernelCapabilities } from '../application/ports/kernel.ts';
import type { Capability, HostCapabilities } from '../domain/capabilities.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { KernelFiles, orFailure } from './kernel-files.ts';
import { detectLayout, LOAD_REMEDY, sysctlPath, type KernelLayout } from './layout.ts';
import { networkNamespace } from './network-namespace.ts';
import { bucketsFileToWrite } from './procfs/buckets.ts';
import { readObjectSize } from './procfs/object-size.ts';
import { listSettingFiles } from './procfs/setting-files.ts';
import { NO_PROCFS_REMEDY } from './procfs/table.ts';
import { refusalToWrite } from './procfs/write-access.ts';
import { provisionOf } from './provision.ts';
import { isAbsent } from './system-failure.ts';

const NAMES = ['table.count', 'table.object-size', 'counters', 'entries', 'settings.write', 'buckets.write'] as const;

/** What can be done here, found by opening the files (and writing none), not from versions. */
export class ProcfsCapabilities extends KernelCapabilities {
  private readonly files: KernelFiles;

  /** @param root `/`, or a directory with a kernel tree in it */
  constructor(root: string) {
    super();
    this.files = new KernelFiles(root);
  }

  async read(): Promise<HostCapabilities> {
    const layout = await detectLayout(this.files);
    if (!layout) return { provision: 'unknown', namespace: 'unknown', capabilities: NAMES.map(notLoaded) };
    return {
      layout: layout.name,
      provision: await provisionOf(this.files, layout),
      namespace: await networkNamespace(this.files, layout),
      capabilities: await Promise.all(NAMES.map(async (name) => describe(name, await this.ways[name](layout)))),
    };
  }

  /** The file each thing is done through, or why it cannot be done. */
  private readonly ways: Readonly<Record<(typeof NAMES)[number], (layout: KernelLayout) => Promise<string | KernelFileError>>> = {
    'table.count': (layout) => this.readable(sysctlPath(layout, 'count')),
    'table.object-size': (layout) => this.objectSizeSource(layout),
    counters: (layout) => this.readable(layout.counters),
    entries: (layout) => this.readable(layout.dump),
    'settings.write': (layout) => this.writableDirectory(layout),
    'buckets.write': (layout) => bucketsFileToWrite(this.files, layout),
  };

  private async readable(path: string): Promise<string | KernelFileError> {
    return (await orFailure(this.files.tryToOpen(path, 'read'))) ?? path;
  }

  private async objectSizeSource(layout: KernelLayout): Promise<string | KernelFileError> {
    const size = await readObjectSize(this.files, layout);
    return 'object' in size ? size.object.source : size.failures[0];
  }

  /** Available where at least one setting can be written: in a child network namespace some can. */
  private async writableDirectory(layout: KernelLayout): Promise<string | KernelFileError> {
    const found = await orFailure(listSettingFiles(this.files, layout));
    if (found instanceof KernelFileError) return found;
    const refusals = await Promise.all(found.filter(({ name }) => name !== 'buckets').map(({ path }) => refusalToWrite(this.files, path)));
    return refusals.includes(undefined) ? layout.sysctlDirectory : (refusals[0] ?? layout.sysctlDirectory);
  }
}

function notLoaded(name: string): Capability {
  return { name, available: false, reason: 'Connection tracking is not loaded.', remedy: LOAD_REMEDY };
}

function describe(name: string, way: string | KernelFileError): Capability {
  if (typeof way === 'string') return { name, available: true, via: way };
  const lacksProcfs = (name === 'entries' || name === 'counters') && isAbsent(way.failure);
  return { name, available: false, reason: `${way.message}.`, remedy: lacksProcfs ? NO_PROCFS_REMEDY : way.remedy };
}
