import { KernelExpectations } from '../../application/ports/kernel-expectations.ts';
import type { EntryScope } from '../../application/ports/kernel.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { ExpectationCounts, ExpectationFilter, ExpectationPage, ExpectationSummary } from '../../domain/expectation.ts';
import { CTNETLINK } from '../ctnetlink-access.ts';
import { dumpRefused, isNetlinkMissing, requiresNetlink } from '../dump/dump-errors.ts';
import { DumpSlots } from '../dump/dump-slots.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout, type KernelLayout } from '../kernel-layout.ts';
import type { NamedNamespaces } from '../named-namespaces.ts';
import { isAbsent } from '../system-failure.ts';
import type { ExpectationRequest, ExpectationResult, ExpectationSource } from './expectation-messages.ts';
import { streamExpectations } from './expectation-stream.ts';
import { ExpectationWorker, type ExpectationRefusal } from './expectation-worker.ts';

/** Passes that run or wait at once. */
const PASSES_MAX = 12;
const NO_PROCFS = 'modprobe nf_conntrack_netlink, or use a kernel with CONFIG_NF_CONNTRACK_PROCFS.';

/** The text files of legacy kernels do not show helpers. */
const LEGACY = '/proc/net/ip_conntrack';

type Pass = ExpectationResult & { readonly source: string };
type Wanted = Pick<ExpectationRequest, 'filter' | 'limit' | 'after'>;

/** Reads expectations over ctnetlink if the kernel permits it, otherwise from the text in /proc/net. */
export class HostExpectations extends KernelExpectations {
  private readonly files: KernelFiles;
  private readonly namespaces: NamedNamespaces;
  private readonly worker = new ExpectationWorker();
  private readonly slots = new DumpSlots(PASSES_MAX);

  /** @param root `/`, or a directory with a kernel tree, whose expectations are read as text */
  constructor(root: string, namespaces: NamedNamespaces) {
    super();
    this.files = new KernelFiles(root);
    this.namespaces = namespaces;
  }

  async page(filter: ExpectationFilter, limit: number, after = '', scope: EntryScope = {}): Promise<ExpectationPage> {
    const pass = await this.pass({ filter, limit, after }, scope);
    const { items, hasMore } = pass;
    const last = items.at(-1)?.id;
    return { items, ...(hasMore && last !== undefined && { next: last }), summary: summaryOf(pass, items.length) };
  }

  async count(filter: ExpectationFilter, scope: EntryScope = {}): Promise<ExpectationSummary> {
    const pass = await this.pass({ filter, limit: 0, after: '' }, scope);
    return summaryOf(pass, pass.matching);
  }

  async countByHelper(scope: EntryScope = {}): Promise<ExpectationCounts> {
    const pass = await this.pass({ filter: {}, limit: 0, after: '' }, scope);
    return { ...(!pass.source.startsWith(LEGACY) && { byHelper: pass.byHelper }), summary: summaryOf(pass, pass.matching) };
  }

  async stream(filter: ExpectationFilter, scope: EntryScope & { readonly limit?: number } = {}): Promise<AsyncIterable<Uint8Array>> {
    return streamExpectations((limit, after) => this.page(filter, limit, after, scope), scope.limit);
  }

  close(): Promise<void> {
    return this.worker.close();
  }

  private async pass(wanted: Wanted, scope: EntryScope): Promise<Pass> {
    const layout = await requireLayout(this.files);
    const namespacePath = await this.namespaces.pathOf(scope.namespace);
    const release = this.slots.take(true, scope.owner);
    try {
      const pass = await this.readNetlink(layout, wanted, namespacePath);
      return 'source' in pass ? pass : await this.readText(layout, wanted, pass.reason);
    } finally {
      release();
    }
  }

  /** The pass, or the reason why the text has to be read instead. @throws ConntrackError where the text is not an alternative */
  private async readNetlink(
    layout: KernelLayout,
    wanted: Wanted,
    namespacePath: string | undefined,
  ): Promise<Pass | { readonly reason: string }> {
    if (layout.name === 'ip_conntrack' || this.files.isElsewhere) {
      if (namespacePath !== undefined) throw requiresNetlink('Other network namespaces');
      return {
        reason: layout.name === 'ip_conntrack' ? 'this kernel has no ctnetlink' : 'the kernel tree (--root) is not the running kernel',
      };
    }
    const result = await this.read(wanted, { kind: 'netlink', ...(namespacePath !== undefined && { namespacePath }) });
    if ('items' in result) return { ...result, source: CTNETLINK };
    const refusal = { kind: 'unreadable', ...result } as const;
    if (namespacePath !== undefined || !isNetlinkMissing(refusal)) throw dumpRefused(CTNETLINK, refusal);
    return { reason: `ctnetlink refused the request (${result.what}: ${result.failure.message})` };
  }

  private async readText(layout: KernelLayout, wanted: Wanted, whyNoNetlink: string): Promise<Pass> {
    const own = `${layout.dump}_expect`;
    // Linux 2.4 has them behind the entries instead.
    const isBehindEntries = layout.name === 'ip_conntrack' && !(await this.files.exists(own));
    const path = isBehindEntries ? layout.dump : own;
    const result = await this.read(wanted, { kind: 'text', path: this.files.place(path), isBehindEntries });
    if ('items' in result) return { ...result, source: path };
    if (!isAbsent(result.failure)) throw dumpRefused(path, { kind: 'unreadable', ...result });
    throw new ConntrackError('NOT_SUPPORTED_HERE', `Expectations cannot be read: ${whyNoNetlink}, and ${path} does not exist.`, {
      remedy: NO_PROCFS,
    });
  }

  private read(wanted: Wanted, source: ExpectationSource): Promise<ExpectationResult | ExpectationRefusal> {
    return this.worker.read({ ...wanted, source });
  }
}

function summaryOf({ unparsed, source }: Pass, expectations: number): ExpectationSummary {
  return { outcome: unparsed > 0 ? 'lossy' : 'complete', expectations, unparsed, source };
}
