import { KernelBlocks } from '../application/ports/kernel.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { BlockList } from '../domain/deletion.ts';
import { PRIVILEGE } from './ctnetlink-access.ts';
import { isNotLoaded } from './is-not-loaded.ts';
import type { KernelRequestOf, KernelResponses } from './worker/kernel-request.ts';
import { KernelRequestRefused, type KernelWorker } from './worker/kernel-worker.ts';

type Kind = 'blocks' | 'unblock' | 'tidyBlocks';

/** Blocks packets with an nftables table of the service's own, over netlink, as UntrackedPort does. */
export class HostBlocks extends KernelBlocks {
  private readonly isElsewhere: boolean;
  private readonly worker: KernelWorker;

  /** @param root `/`, or a directory with a kernel tree, for whose packets nothing can be done */
  constructor(root: string, worker: KernelWorker) {
    super();
    this.isElsewhere = root !== '/';
    this.worker = worker;
  }

  async read(connectionsMax: number): Promise<BlockList> {
    // The request would load it.
    if (!this.isElsewhere && isNotLoaded('nf_tables')) return [];
    return await this.request<'blocks'>({ kind: 'blocks', connectionsMax });
  }

  remove(change: number): Promise<number> {
    return this.request<'unblock'>({ kind: 'unblock', change });
  }

  async tidy(): Promise<boolean> {
    return !isNotLoaded('nf_tables') && (await this.request<'tidyBlocks'>({ kind: 'tidyBlocks', all: false }));
  }

  async clear(): Promise<void> {
    if (!isNotLoaded('nf_tables')) await this.request<'tidyBlocks'>({ kind: 'tidyBlocks', all: true });
  }

  private async request<K extends Kind>(request: KernelRequestOf<K>): Promise<KernelResponses[K]> {
    if (this.isElsewhere) throw unsupported('--root shows another host, whose packets cannot be blocked');
    try {
      return await this.worker.request<K>(request);
    } catch (error) {
      if (!(error instanceof KernelRequestRefused)) throw error;
      const isPrivilege = error.failure.code === 'EPERM';
      throw unsupported(
        `nf_tables refused the request: ${error.message}`,
        isPrivilege
          ? PRIVILEGE
          : 'The kernel needs nf_tables with the expressions notrack and reject: modprobe -a nf_tables nft_ct nft_reject_inet',
      );
    }
  }
}

function unsupported(reason: string, remedy?: string): ConntrackError {
  const message = `Connections cannot be ended on this host: ${reason}.`;
  return new ConntrackError('NOT_SUPPORTED_HERE', message, remedy === undefined ? {} : { remedy });
}
