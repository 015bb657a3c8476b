/**
 * Prints, as JSON, the counters of its network namespace over ctnetlink, from the file and from `conntrack -S`, the number of entries, and the
 * counters and capabilities that the service reports.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ProcfsCapabilities } from '../../../src/kernel/procfs/procfs-capabilities.ts';
import { readEntryCount, readPerCpuCounters } from '../../../src/kernel/netlink/statistics.ts';
import { parseCounters } from '../../../src/kernel/procfs/parse-counters.ts';
import { ProcfsTable } from '../../../src/kernel/procfs/procfs-table.ts';

export interface CountersBeside {
  readonly ctnetlink: readonly Readonly<Record<string, number>>[] | string;
  readonly count: number | string;
  /** Absent if there is no file. */
  readonly file?: readonly Readonly<Record<string, number>>[];
  readonly conntrack: string;
  readonly product: { readonly source: string; readonly perCpu: unknown } | string;
  readonly capabilities: readonly {
    readonly name: string;
    readonly via?: string;
    readonly reason?: string;
    readonly honours?: readonly string[];
  }[];
}

const attempt = <T>(action: () => T): T | string => {
  try {
    return action();
  } catch (error) {
    return String(error);
  }
};

const file = attempt(() => readFileSync('/proc/net/stat/nf_conntrack', 'utf8'));
const found: CountersBeside = {
  ctnetlink: attempt(readPerCpuCounters),
  count: attempt(readEntryCount),
  ...(!file.startsWith('Error') && { file: parseCounters(file) }),
  conntrack: attempt(() => execFileSync('conntrack', ['-S'], { encoding: 'utf8', stdio: 'pipe' })),
  product: await new ProcfsTable('/').counters().catch(String),
  capabilities: (await new ProcfsCapabilities('/').read()).capabilities,
};
process.stdout.write(JSON.stringify(found));
