import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { NamespaceRef } from '../../src/domain/namespace.ts';
import { namespaceReplaced } from '../../src/domain/namespace-errors.ts';
import type { LiveSettings } from '../../src/domain/setting.ts';
import { ProcfsSettings } from '../../src/kernel/procfs/procfs-settings.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { copyKernelTree, type KernelTree } from './kernel-tree.ts';

interface Place {
  readonly identity: string;
  readonly tree: KernelTree;
}

/**
 * Named network namespaces of a recorded host, each a kernel tree of its own. Only a test with an injected clock needs them; the kernel tests
 * use namespaces of the kernel.
 */
export class NamespaceTrees {
  private readonly places = new Map<string, Place>();
  private readonly trees: KernelTree[] = [];

  /** Creates a namespace, in the place of an earlier one of this name. */
  async add(name: string, udpTimeout: number): Promise<KernelTree> {
    const tree = await copyKernelTree('nf_conntrack');
    this.trees.push(tree);
    await tree.write('proc/sys/net/netfilter/nf_conntrack_udp_timeout', `${String(udpTimeout)}\n`);
    this.places.set(name, { identity: `4:4026532177:${String(this.trees.length)}`, tree });
    return tree;
  }

  /** @returns no tree: the namespace is gone */
  delete(name: string): undefined {
    this.places.delete(name);
    return undefined;
  }

  async read(name: string, bootId = ''): Promise<LiveSettings> {
    const { identity, tree } = this.place(name);
    const { layout, settings } = await new ProcfsSettings(tree.root, new TableGate()).read();
    const namespace = { name, identity: `${bootId}:${identity}` };
    return { layout, bootId, namespace, notPersistable: `${name} does not outlive a reboot.`, settings };
  }

  async write({ name, identity }: NamespaceRef, setting: string, value: number): Promise<number> {
    const place = this.place(name);
    if (!identity.endsWith(`:${place.identity}`)) throw namespaceReplaced(name);
    return new ProcfsSettings(place.tree.root, new TableGate()).write(setting, value);
  }

  async remove(): Promise<void> {
    for (const tree of this.trees) await tree.remove();
  }

  private place(name: string): Place {
    const place = this.places.get(name);
    if (place) return place;
    throw new ConntrackError('NAMESPACE_NOT_FOUND', `There is no network namespace ${name}.`);
  }
}
