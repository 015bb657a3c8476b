import { KernelTable, type EntryScope } from '../../application/ports/kernel.ts';
import { hostEntries } from '../../domain/host-entries.ts';
import type { HostContext, RuleUse } from '../../domain/findings/table-evidence.ts';
import type { HostFacts } from '../../domain/risks/setting-risks.ts';
import type { CounterReading, TableReading, TableSample } from '../../domain/table.ts';
import { CTNETLINK, tryCtnetlink } from '../ctnetlink-access.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { detectLayout, MODERN, requireLayout, type KernelLayout } from '../kernel-layout.ts';
import { NamespaceTables } from './namespace-tables.ts';
import { readPerCpuCounters } from '../netlink/statistics.ts';
import { readBootId, readProcessors, readRelease } from '../running-kernel.ts';
import { readHostContext } from '../host-context.ts';
import { readRuleUse } from '../rule-use.ts';
import { isAbsent } from '../system-failure.ts';
import { parseCounters } from './parse-counters.ts';
import { readMemory } from './memory.ts';
import { TableNumbers, type TableNumber } from './table-numbers.ts';
import { KernelWorker } from '../worker/kernel-worker.ts';
import { readObjectSize, SLABINFO, type ObjectSize } from './object-size.ts';

export const NO_PROCFS_REMEDY =
  'This kernel was built without CONFIG_NF_CONNTRACK_PROCFS. Give the service CAP_NET_ADMIN: then it uses ctnetlink (nf_conntrack_netlink) instead.';

/** Fields of the table that count the entries of all network namespaces. */
const HOST_FIELDS: readonly string[] = ['hostEntries', 'averageChainLength', 'entriesPerBucket'];

/** The table in /proc and /sys. Uses ctnetlink for what is missing there, and a worker for other network namespaces. */
export class ProcfsTable extends KernelTable {
  private readonly files: KernelFiles;
  private readonly namespaces: NamespaceTables;
  private readonly numbers: TableNumbers;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string, namespaces = NamespaceTables.disabled(root), worker = new KernelWorker()) {
    super();
    this.files = new KernelFiles(root);
    this.namespaces = namespaces;
    this.numbers = new TableNumbers(this.files, worker);
  }

  async read({ namespace }: EntryScope = {}): Promise<TableReading> {
    if (namespace === undefined) return this.readOwn();
    const reading = await this.namespaces.read(namespace);
    const { host, unavailable } = await this.readOwn();
    const ofHost = unavailable.filter(({ field }) => HOST_FIELDS.includes(field));
    return { ...reading, ...(host && { host }), unavailable: [...reading.unavailable, ...ofHost] };
  }

  async facts(): Promise<HostFacts> {
    const layout = await detectLayout(this.files);
    const { count, max, buckets, object, host }: Partial<TableReading> = layout === undefined ? {} : await this.read();
    const processors = await readProcessors(this.files);
    const release = await readRelease(this.files);
    return {
      layout: (layout ?? MODERN).name,
      ...(release !== undefined && { release }),
      ...(count !== undefined && { count }),
      ...(max !== undefined && { max }),
      ...(buckets !== undefined && { buckets }),
      ...(object && { objectBytes: object.bytes }),
      ...(host && { host }),
      ...(processors !== undefined && { processors }),
      ...(await readMemory(this.files, layout ?? MODERN)),
    };
  }

  async usage(): Promise<Pick<TableSample, 'count' | 'max'>> {
    const layout = await requireLayout(this.files);
    const [count, max] = await Promise.all([this.numbers.countNow(layout), this.numbers.max(layout)]);
    return { ...(typeof count === 'number' && { count }), ...('value' in max && { max: max.value }) };
  }

  async sample(): Promise<TableSample> {
    const layout = await requireLayout(this.files);
    const [bootId, count, max, buckets, counters] = await Promise.all([
      readBootId(this.files),
      this.numbers.countNow(layout),
      this.numbers.max(layout),
      this.numbers.buckets(layout),
      this.countersOf(layout),
    ]);
    return {
      ...(bootId !== undefined && { bootId }),
      ...(typeof count === 'number' && { count }),
      ...('value' in max && { max: max.value }),
      ...('value' in buckets && { buckets: buckets.value }),
      ...(!(counters instanceof KernelFileError) && { counters }),
    };
  }

  hostContext(): Promise<HostContext> {
    return readHostContext(this.files);
  }

  async ruleUse(): Promise<RuleUse> {
    return (await requireLayout(this.files)).name === 'ip_conntrack' ? 'used' : readRuleUse(this.files);
  }

  counters({ namespace }: EntryScope = {}): Promise<CounterReading> {
    return namespace === undefined ? this.ownCounters() : this.namespaces.counters(namespace);
  }

  private async readOwn(): Promise<TableReading> {
    const layout = await requireLayout(this.files);
    const [count, max, buckets, size] = await Promise.all([
      this.numbers.count(layout),
      this.numbers.max(layout),
      this.numbers.buckets(layout),
      readObjectSize(this.files, layout),
    ]);
    const { host, unavailable } = await this.hostEntries(layout, count, size);
    return {
      layout: layout.name,
      ...presentIn({ count, max, buckets }),
      ...('object' in size && size),
      host,
      unavailable: [
        ...unavailable,
        ...Object.entries({ count, max, buckets }).flatMap(([field, value]) => ('value' in value ? [] : [value.toUnavailable(field)])),
        ...('object' in size ? [] : size.failures.map((failure) => failure.toUnavailable('memory.objectBytes'))),
      ],
    };
  }

  private async hostEntries(
    { name }: KernelLayout,
    count: TableNumber | KernelFileError,
    size: ObjectSize,
  ): Promise<Required<Pick<TableReading, 'host' | 'unavailable'>>> {
    const named = await this.namespaces.counts();
    const active = 'object' in size ? size.object.active : undefined;
    const host = hostEntries({
      layout: name,
      count: 'value' in count ? count.value : undefined,
      active,
      processors: active === undefined ? undefined : await readProcessors(this.files),
      named,
    });
    if (host.total !== undefined) return { host, unavailable: [] };
    const refused = await orFailure(this.files.tryToOpen(SLABINFO, 'read'));
    const code = refused ? refused.toUnavailable('').code : 'ABSENT';
    const why = host.notRead === undefined ? '' : ` ${host.notRead}`;
    const detail = `Other network namespaces have entries in the same buckets, and these cannot be counted: ${SLABINFO} cannot be read.${why}`;
    const remedy = 'Run the service as root or with CAP_DAC_READ_SEARCH, or with --namespaces to count the named network namespaces.';
    return { host, unavailable: HOST_FIELDS.map((field) => ({ field, code, detail, remedy })) };
  }

  private async ownCounters(): Promise<CounterReading> {
    const counters = await this.countersOf(await requireLayout(this.files));
    if (!(counters instanceof KernelFileError)) return counters;
    throw counters.toConntrackError('KERNEL_UNREADABLE', isAbsent(counters.failure) ? NO_PROCFS_REMEDY : undefined);
  }

  /** Prefers the file: it includes counters of expectations, and needs no privilege. */
  private async countersOf(layout: KernelLayout): Promise<CounterReading | KernelFileError> {
    const text = await orFailure(this.files.readText(layout.counters));
    if (!(text instanceof KernelFileError)) return { source: layout.counters, perCpu: parseCounters(text) };
    const perCpu = tryCtnetlink(this.files, layout, readPerCpuCounters);
    return 'reason' in perCpu ? text : { source: CTNETLINK, perCpu };
  }
}

/** Values, and the sources of those that come from elsewhere than their own files. */
function presentIn(numbers: Readonly<Record<'count' | 'max' | 'buckets', TableNumber | KernelFileError>>): Partial<TableReading> {
  const present = Object.entries(numbers).flatMap(([name, number]) => ('value' in number ? [{ name, ...number }] : []));
  const sources = present.flatMap(({ name, source }) => (source === undefined ? [] : [[name, source] as const]));
  return {
    ...Object.fromEntries(present.map(({ name, value }) => [name, value])),
    ...(sources.length > 0 && { sources: Object.fromEntries(sources) }),
  };
}
