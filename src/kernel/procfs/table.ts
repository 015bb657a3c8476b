import { KernelTable } from '../../application/ports/kernel.ts';
import type { HostFacts } from '../../domain/risks.ts';
import type { CounterReading, TableReading } from '../../domain/table.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { requireLayout, sysctlPath, type KernelLayout } from '../layout.ts';
import { isAbsent } from '../system-failure.ts';
import { readBuckets } from './buckets.ts';
import { parseCounters } from './counters.ts';
import { readMemory } from './memory.ts';
import { readObjectSize } from './object-size.ts';

export const NO_PROCFS_REMEDY = 'This kernel was built without CONFIG_NF_CONNTRACK_PROCFS; use one that has it.';

/** The table through /proc and /sys. */
export class ProcfsTable extends KernelTable {
  private readonly files: KernelFiles;

  /** @param root `/`, or a directory with a kernel tree in it */
  constructor(root: string) {
    super();
    this.files = new KernelFiles(root);
  }

  async read(): Promise<TableReading> {
    const layout = await requireLayout(this.files);
    const [count, max, buckets, size] = await Promise.all([
      orFailure(this.files.readNumber(sysctlPath(layout, 'count'))),
      orFailure(this.readMax(layout)),
      orFailure(readBuckets(this.files, layout)),
      readObjectSize(this.files, layout),
    ]);
    return {
      layout: layout.name,
      ...(typeof count === 'number' && { count }),
      ...(typeof max === 'number' && { max }),
      ...(typeof buckets === 'number' && { buckets }),
      ...('object' in size && size),
      unavailable: [
        ...Object.entries({ count, max, buckets }).flatMap(([field, value]) =>
          typeof value === 'number' ? [] : [value.toUnavailable(field)],
        ),
        ...('object' in size ? [] : size.failures.map((failure) => failure.toUnavailable('memory.objectBytes'))),
      ],
    };
  }

  async facts(): Promise<HostFacts> {
    const layout = await requireLayout(this.files);
    const { count, max, buckets, object } = await this.read();
    return {
      layout: layout.name,
      ...(count !== undefined && { count }),
      ...(max !== undefined && { max }),
      ...(buckets !== undefined && { buckets }),
      ...(object && { objectBytes: object.bytes }),
      ...(await readMemory(this.files, layout)),
    };
  }

  async counters(): Promise<CounterReading> {
    const { counters: source } = await requireLayout(this.files);
    const text = await orFailure(this.files.readText(source));
    if (!(text instanceof KernelFileError)) return { source, perCpu: parseCounters(text) };
    throw text.toConntrackError('KERNEL_UNREADABLE', isAbsent(text.failure) ? NO_PROCFS_REMEDY : undefined);
  }

  private async readMax(layout: KernelLayout): Promise<number> {
    const max = await orFailure(this.files.readNumber(sysctlPath(layout, 'max')));
    return max instanceof KernelFileError ? this.files.readNumber(layout.maxAlias) : max;
  }
}
