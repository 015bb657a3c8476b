import { KernelModule } from '../application/ports/kernel.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { PRIVILEGE } from './ctnetlink-access.ts';
import { NetlinkError } from './netlink/netlink-socket.ts';
import { readEntryCount } from './netlink/statistics.ts';

/**
 * Loads the module as the first program that uses ctnetlink does: the kernel itself then runs modprobe, as root, with an alias that is fixed.
 * This service starts no process, and needs CAP_NET_ADMIN only.
 */
export class ModuleAutoload extends KernelModule {
  private readonly root: string;

  /** @param root `/`, or a directory with a kernel tree */
  constructor(root: string) {
    super();
    this.root = root;
  }

  requireLoadable(): void {
    if (this.root === '/') return;
    const message = 'This service can load a module only into the kernel that runs it, and --root shows another one.';
    throw new ConntrackError('NOT_SUPPORTED_HERE', message);
  }

  load(): Promise<void> {
    this.requireLoadable();
    try {
      readEntryCount();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (!['EPERM', 'EACCES'].includes(error.failure.code)) return Promise.resolve();
      throw new ConntrackError('NOT_SUPPORTED_HERE', `The kernel refuses to load it for this service: ${error.message}.`, {
        remedy: PRIVILEGE,
        errno: error.failure.code,
      });
    }
    return Promise.resolve();
  }
}
