import { KernelCapabilities } from '../../application/ports/kernel.ts';
import type { Capability, HostCapabilities } from '../../domain/capabilities.ts';
import { LOAD_REMEDY } from '../../domain/not-loaded.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { CTNETLINK, ctnetlinkRefusal } from '../ctnetlink-access.ts';
import { firstOf, readable, refusedBy, through, type Finding } from '../capability-check.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles, orFailure } from '../kernel-files.ts';
import { detectLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { NAMESPACES_DIRECTORY } from '../named-namespaces.ts';
import { notPersistableHere } from '../not-persistable.ts';
import { capabilitiesIn } from './namespace-capabilities.ts';
import { NamespaceSettings } from './namespace-settings.ts';
import { NamespaceTables } from './namespace-tables.ts';
import type { FilterProbe } from '../netlink/filter-probe.ts';
import { bucketsFileToWrite } from './buckets.ts';
import { readObjectSize } from './object-size.ts';
import { listSettingFiles } from './setting-files.ts';
import { NO_PROCFS_REMEDY } from './procfs-table.ts';
import { refusalToWrite } from './write-access.ts';
import { HostBlocks } from '../host-blocks.ts';
import { isNotLoaded } from '../is-not-loaded.ts';
import { BLOCKS_TABLE } from '../netlink/nft-blocks.ts';
import { isAbsent } from '../system-failure.ts';
import { isBuiltIn, networkNamespace } from '../running-kernel.ts';
import { KernelWorker, KernelRequestRefused } from '../worker/kernel-worker.ts';

const HIDDEN =
  'This network namespace shows no conntrack settings. Kernels before 5.12 hide them in a child user namespace: change them outside of it.';

const NAMES = [
  'table.count',
  'table.object-size',
  'counters',
  'entries',
  'entries.filter',
  'entries.delete',
  'entries.end',
  'entries.update',
  'events',
  'namespaces',
  'settings.write',
  'buckets.write',
] as const;

/** Detects capabilities by testing (opens files, writes none), not by kernel version. */
export class ProcfsCapabilities extends KernelCapabilities {
  private readonly files: KernelFiles;
  private readonly worker: KernelWorker;
  private readonly namespaces: NamespaceTables;
  private readonly blocks: HostBlocks;
  private filter: FilterProbe | undefined;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string, worker = new KernelWorker(), namespaces = NamespaceTables.disabled(root)) {
    super();
    this.files = new KernelFiles(root);
    this.worker = worker;
    this.blocks = new HostBlocks(root, worker);
    this.namespaces = namespaces;
  }

  async read(namespace?: string): Promise<HostCapabilities> {
    const live = namespace === undefined ? undefined : await new NamespaceSettings(this.files, this.namespaces).read(namespace);
    const host = await this.readHost();
    return live?.namespace ? capabilitiesIn(live, await this.namespaces.read(live.namespace.name), host) : host;
  }

  private async readHost(): Promise<HostCapabilities> {
    const layout = await detectLayout(this.files);
    if (!layout) return { builtIn: null, namespace: 'unknown', capabilities: NAMES.map(notLoaded) };
    const namespace = await networkNamespace(this.files, layout);
    return {
      layout: layout.name,
      builtIn: await isBuiltIn(this.files, layout),
      namespace,
      ...notPersistableHere(namespace),
      capabilities: await Promise.all(NAMES.map(async (name) => ({ name, ...(await this.findings[name](layout)) }))),
    };
  }

  private readonly findings: Readonly<Record<(typeof NAMES)[number], (layout: KernelLayout) => Promise<Finding> | Finding>> = {
    'table.count': async (layout) => firstOf(await readable(this.files, sysctlPath(layout, 'count')), this.overCtnetlink(layout)),
    'table.object-size': async (layout) => {
      const size = await readObjectSize(this.files, layout);
      return 'object' in size ? through(size.object.source) : refusedBy(size.failures[0]);
    },
    counters: async (layout) => firstOf(await readable(this.files, layout.counters, NO_PROCFS_REMEDY), this.overCtnetlink(layout)),
    entries: async (layout) => {
      const overCtnetlink = this.overCtnetlink(layout);
      return overCtnetlink.available ? overCtnetlink : firstOf(await readable(this.files, layout.dump, NO_PROCFS_REMEDY), overCtnetlink);
    },
    'entries.filter': (layout) => this.kernelFilter(layout),
    'entries.delete': (layout) => this.overCtnetlink(layout),
    'entries.end': (layout) => this.endingConnections(layout),
    'entries.update': (layout) => this.overCtnetlink(layout),
    events: (layout) => this.events(layout),
    namespaces: () => this.otherNamespaces(),
    'settings.write': (layout) => this.writableDirectory(layout),
    'buckets.write': async (layout) => {
      const file = await bucketsFileToWrite(this.files, layout);
      return typeof file === 'string' ? through(file) : refusedBy(file);
    },
  };

  private overCtnetlink(layout: KernelLayout): Finding {
    const refusal = ctnetlinkRefusal(this.files, layout);
    return refusal ? { available: false, ...refusal } : through(CTNETLINK);
  }

  /** A conclusive result is cached: the kernel does not change. */
  private async kernelFilter(layout: KernelLayout): Promise<Finding> {
    const overCtnetlink = this.overCtnetlink(layout);
    if (!overCtnetlink.available) return overCtnetlink;
    try {
      const { honours, isConclusive } = this.filter ?? (await this.worker.request<'filter'>({ kind: 'filter' }));
      if (isConclusive) this.filter = { honours, isConclusive };
      return { ...overCtnetlink, honours };
    } catch (error) {
      if (error instanceof ConntrackError) return notNow(error);
      if (!(error instanceof KernelRequestRefused)) throw error;
      return { available: false, reason: `ctnetlink refused the request: ${error.message}.` };
    }
  }

  private async endingConnections(layout: KernelLayout): Promise<Finding> {
    const overCtnetlink = this.overCtnetlink(layout);
    if (!overCtnetlink.available) return overCtnetlink;
    // A request would load it.
    if (isNotLoaded('nf_tables')) return through('nftables, which the kernel loads when connections are first ended');
    try {
      await this.blocks.read(0);
      return through(`nftables table inet ${BLOCKS_TABLE}`);
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return notNow(error);
    }
  }

  private async events(layout: KernelLayout): Promise<Finding> {
    const overCtnetlink = this.overCtnetlink(layout);
    if (!overCtnetlink.available) return overCtnetlink;
    const path = sysctlPath(layout, 'events');
    const setting = await orFailure(this.files.readNumber(path));
    // Where the settings are hidden, the kernel still sends events, unless its administrator turned them off.
    if (setting instanceof KernelFileError) return isAbsent(setting.failure) ? overCtnetlink : refusedBy(setting);
    if (setting > 0) return overCtnetlink;
    return { available: false, reason: `${path} is 0, so the kernel sends no events.`, remedy: 'Set events to 1 (PATCH /settings).' };
  }

  private async otherNamespaces(): Promise<Finding> {
    try {
      await this.namespaces.requireAccess();
      return through(NAMESPACES_DIRECTORY);
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return notNow(error);
    }
  }

  /** Available if at least one setting can be written. In a child network namespace only some can. */
  private async writableDirectory(layout: KernelLayout): Promise<Finding> {
    const found = await orFailure(listSettingFiles(this.files, layout));
    if (found instanceof KernelFileError) return refusedBy(found);
    const refusals = await Promise.all(found.filter(({ name }) => name !== 'buckets').map(({ path }) => refusalToWrite(this.files, path)));
    if (refusals.length === 0) return { available: false, reason: HIDDEN };
    const [first] = refusals;
    if (refusals.includes(undefined) || !first) return through(layout.sysctlDirectory);
    const refused = refusedBy(first);
    return refusals.length === 1
      ? refused
      : { ...refused, reason: `None of ${refusals.length} settings can be written: ${refused.reason ?? ''}` };
  }
}

function notNow({ message, details: { remedy } }: ConntrackError): Finding {
  return { available: false, reason: message, ...(remedy !== undefined && { remedy }) };
}

function notLoaded(name: string): Capability {
  return { name, available: false, reason: 'Connection tracking is not loaded.', remedy: LOAD_REMEDY };
}
