import { KernelNamespaces } from '../../application/ports/kernel.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { NamespaceCount } from '../../domain/host-entries.ts';
import { namespaceReplaced } from '../../domain/namespace-errors.ts';
import type { Unavailable } from '../../domain/layout.ts';
import type { NamedNamespace, CounterReading, TableReading } from '../../domain/table.ts';
import { CTNETLINK } from '../ctnetlink-access.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import { NamedNamespaces, namespaceNotFound } from '../named-namespaces.ts';
import { readObjectSize } from './object-size.ts';
import type { KernelRequest, KernelRequestOf, KernelResponses } from '../worker/kernel-request.ts';
import { KernelWorker, KernelRequestRefused } from '../worker/kernel-worker.ts';
import { isAbsent, type SystemFailure } from '../system-failure.ts';

const PRIVILEGE = 'Run the service as root, or give it CAP_SYS_ADMIN and CAP_NET_ADMIN.';
const TRY_AGAIN = 'Try again.';
/** All readers share one reading of the namespaces in this time. */
const COUNTS_FRESH_MILLISECONDS = 1_000;
/** For a host with thousands of namespaces: each takes about 50 µs. */
const COUNTS_MILLISECONDS = 500;

/** Entries of the named namespaces, or why they are not known. */
export type NamespaceCounts = { readonly counts: readonly NamespaceCount[] } | { readonly reason: string };

/** The tables of named network namespaces, read by a worker that enters each namespace and returns. */
export class NamespaceTables extends KernelNamespaces {
  private readonly files: KernelFiles;
  private readonly namespaces: NamedNamespaces;
  private readonly worker: KernelWorker;
  private lastCounts: { readonly at: number; readonly result: Promise<NamespaceCounts> } | undefined;

  /** @param root `/`; other roots have no namespaces */
  constructor(root: string, namespaces: NamedNamespaces, worker: KernelWorker) {
    super();
    this.files = new KernelFiles(root);
    this.namespaces = namespaces;
    this.worker = worker;
  }

  static disabled(root: string): NamespaceTables {
    return new NamespaceTables(root, new NamedNamespaces(root, false), new KernelWorker());
  }

  async list(): Promise<readonly NamedNamespace[]> {
    this.namespaces.requireEnabled();
    const layout = await this.requireSupport();
    const names = await this.namespaces.list();
    const described = await Promise.all(names.map((name) => this.describe(name, layout)));
    return described.filter((namespace) => namespace !== undefined);
  }

  /** @throws ConntrackError see EntryScope; `KERNEL_UNREADABLE` if the namespace cannot be entered */
  async read(name: string): Promise<TableReading> {
    const path = await this.namespaces.pathOfNamed(name);
    const layout = await this.requireSupport();
    const [numbers, size] = await Promise.all([
      this.request(name, { kind: 'sysctls', namespacePath: path, paths: pathsOf(layout, ['count', 'max', 'buckets']) }),
      readObjectSize(this.files, layout),
    ]);
    return {
      layout: layout.name,
      namespace: name,
      ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => typeof value === 'number')),
      // The number of objects in use is known for all namespaces together only.
      ...('object' in size && { object: { bytes: size.object.bytes, source: size.object.source } }),
      unavailable: [
        ...Object.entries(numbers).flatMap(([field, value]) => unavailable(layout, field, value)),
        ...('object' in size ? [] : size.failures.map((failure) => failure.toUnavailable('memory.objectBytes'))),
      ],
    };
  }

  /** @throws as `read` */
  async counters(name: string): Promise<CounterReading> {
    const namespacePath = await this.namespaces.pathOfNamed(name);
    await this.requireSupport();
    return { source: CTNETLINK, perCpu: await this.request(name, { kind: 'counters', namespacePath }) };
  }

  /**
   * Runs a request in a named namespace.
   *
   * @throws ConntrackError `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `NOT_SUPPORTED_HERE`, `KERNEL_UNREADABLE`; `NAMESPACE_REPLACED` if
   *   the request names the identity of another namespace
   */
  async enter<Kind extends 'settings' | 'write'>(
    name: string,
    request: Omit<KernelRequestOf<Kind>, 'namespacePath'>,
  ): Promise<KernelResponses[Kind]> {
    const namespacePath = await this.namespaces.pathOfNamed(name);
    await this.requireSupport();
    return this.request<Kind>(name, { ...request, namespacePath } as unknown as KernelRequestOf<Kind>);
  }

  /** The entries of all named namespaces but the service's own, up to 1 s old. Bounded, and read by the worker. */
  counts(): Promise<NamespaceCounts> {
    const at = performance.now();
    if (this.lastCounts && at - this.lastCounts.at < COUNTS_FRESH_MILLISECONDS) return this.lastCounts.result;
    const result = this.readCounts();
    this.lastCounts = { at, result };
    return result;
  }

  private async readCounts(): Promise<NamespaceCounts> {
    try {
      this.namespaces.requireEnabled();
      const path = sysctlPath(await this.requireSupport(), 'count');
      const request = { kind: 'counts', directory: this.namespaces.directory, path, milliseconds: COUNTS_MILLISECONDS } as const;
      return { counts: await this.request<'counts'>('', request) };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return { reason: error.message };
    }
  }

  /** @throws ConntrackError if no other network namespace can be read */
  async requireAccess(): Promise<void> {
    this.namespaces.requireEnabled();
    await this.requireSupport();
    await this.request('', { kind: 'setns' });
  }

  /** `undefined` if it has been deleted in the meantime. */
  private async describe(name: string, layout: KernelLayout): Promise<NamedNamespace | undefined> {
    try {
      const namespacePath = await this.namespaces.pathOfNamed(name);
      const { count } = await this.request(name, { kind: 'sysctls', namespacePath, paths: pathsOf(layout, ['count']) });
      return { name, ...(typeof count === 'number' && { count }), unavailable: unavailable(layout, 'count', count) };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      if (error.code === 'NAMESPACE_NOT_FOUND') return undefined;
      const { errno = 'UNKNOWN', remedy } = error.details;
      return { name, unavailable: [{ field: 'count', code: errno, detail: error.message, ...(remedy !== undefined && { remedy }) }] };
    }
  }

  private async request<Kind extends KernelRequest['kind']>(name: string, request: KernelRequestOf<Kind>): Promise<KernelResponses[Kind]> {
    try {
      return await this.worker.request<Kind>(request);
    } catch (error) {
      if (error instanceof KernelRequestRefused) throw refusedFor(name, error);
      throw error;
    }
  }

  private async requireSupport(): Promise<KernelLayout> {
    const layout = await requireLayout(this.files);
    if (layout.name === 'nf_conntrack' && !this.files.isElsewhere) return layout;
    const reason = this.files.isElsewhere
      ? '--root shows another kernel than the one that runs this service'
      : 'the conntrack of this kernel (ip_conntrack) has no network namespaces';
    throw new ConntrackError('NOT_SUPPORTED_HERE', `Other network namespaces cannot be read: ${reason}.`, {
      remedy: 'Check what this host supports (GET /capabilities).',
    });
  }
}

function pathsOf(layout: KernelLayout, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, sysctlPath(layout, name)]));
}

function unavailable(layout: KernelLayout, field: string, value: number | SystemFailure | undefined): readonly Unavailable[] {
  if (value === undefined || typeof value === 'number') return [];
  return [new KernelFileError('read', sysctlPath(layout, field), value).toUnavailable(field)];
}

function refusedFor(name: string, { message, failure, what }: KernelRequestRefused): ConntrackError {
  if (failure.code === 'ESTALE') return namespaceReplaced(name);
  // `ip netns` creates the file before it mounts the namespace there, and unmounts it before it removes the file.
  const isUnmounted = what === 'setns' && failure.code === 'EINVAL';
  if (name !== '' && (isAbsent(failure) || isUnmounted)) return namespaceNotFound();
  const subject = name === '' ? 'Other network namespaces' : `Network namespace ${name}`;
  const isPrivilege = ['EPERM', 'EACCES'].includes(failure.code);
  return new ConntrackError('KERNEL_UNREADABLE', `${subject} cannot be read: ${message}.`, {
    errno: failure.code,
    remedy: isPrivilege ? PRIVILEGE : TRY_AGAIN,
  });
}
