import { ConntrackError } from '../../domain/conntrack-error.ts';
import { tryCtnetlink } from '../ctnetlink-access.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';
import { sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { readEntryCount } from '../netlink/statistics.ts';
import { isAbsent } from '../system-failure.ts';
import { KernelRequestRefused, type KernelWorker } from '../worker/kernel-worker.ts';
import { readBuckets } from './buckets.ts';
import { readLoadLine } from './kernel-log.ts';

const DUMP_FRESH_MILLISECONDS = 10_000;
const DUMP_MILLISECONDS = 2_000;

/** A number and, if the kernel has no file for it, where it comes from instead. */
export interface TableNumber {
  readonly value: number;
  readonly source?: string;
}

type Read = Promise<TableNumber | KernelFileError>;

/** Count, max and buckets of the service’s own network namespace. Kernels may lack any of their files. */
export class TableNumbers {
  private readonly files: KernelFiles;
  private readonly worker: KernelWorker;
  private counted: { readonly at: number; readonly result: Promise<number | undefined> } | undefined;

  constructor(files: KernelFiles, worker: KernelWorker) {
    this.files = files;
    this.worker = worker;
  }

  /** From the count file or ctnetlink: a small read. */
  async countNow(layout: KernelLayout): Promise<number | KernelFileError> {
    const count = await orFailure(this.files.readNumber(sysctlPath(layout, 'count')));
    if (typeof count === 'number') return count;
    const entries = tryCtnetlink(this.files, layout, readEntryCount);
    return typeof entries === 'number' ? entries : count;
  }

  /** Without both, the number of lines of the text dump, up to 10 s old. */
  async count(layout: KernelLayout): Read {
    const count = await this.countNow(layout);
    if (typeof count === 'number') return { value: count };
    const lines = isAbsent(count.failure) ? await this.linesOf(layout) : undefined;
    return lines === undefined ? count : { value: lines, source: layout.dump };
  }

  /** From the file or its alias; if there is neither, the value that the kernel logged, which then cannot have been changed. */
  async max(layout: KernelLayout): Read {
    const paths = [sysctlPath(layout, 'max'), layout.maxAlias];
    return this.numberOr(
      async () => {
        const max = await orFailure(this.files.readNumber(paths[0] ?? ''));
        return max instanceof KernelFileError ? this.files.readNumber(paths[1] ?? '') : max;
      },
      layout,
      'max',
    );
  }

  /** As `max`. */
  buckets(layout: KernelLayout): Read {
    return this.numberOr(() => readBuckets(this.files, layout), layout, 'buckets');
  }

  private async numberOr(read: () => Promise<number>, layout: KernelLayout, name: 'max' | 'buckets'): Read {
    const value = await orFailure(read());
    if (typeof value === 'number') return { value };
    const line = isAbsent(value.failure) ? await readLoadLine(this.files, layout) : undefined;
    return line ? { value: line[name], source: line.source } : value;
  }

  /** All callers share one reading. */
  private linesOf(layout: KernelLayout): Promise<number | undefined> {
    const at = performance.now();
    if (!this.counted || at - this.counted.at > DUMP_FRESH_MILLISECONDS) this.counted = { at, result: this.countLines(layout) };
    return this.counted.result;
  }

  private async countLines({ dump }: KernelLayout): Promise<number | undefined> {
    try {
      return (
        (await this.worker.request<'lines'>({ kind: 'lines', path: this.files.place(dump), milliseconds: DUMP_MILLISECONDS })) ?? undefined
      );
    } catch (error) {
      if (error instanceof KernelRequestRefused || error instanceof ConntrackError) return undefined;
      throw error;
    }
  }
}
