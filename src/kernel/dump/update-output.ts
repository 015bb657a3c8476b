import type { EntryTarget } from '../../domain/entry-update.ts';
import type { EntrySource } from '../entries/entry-source.ts';
import { EntryUpdater } from '../netlink/entry-updater.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import type { DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

/** Updates entries that were read before, without a pass over the table. */
export class UpdateOutput implements Output {
  readonly entries = 0;
  private readonly targets: readonly EntryTarget[];
  private readonly updater = new EntryUpdater();

  constructor(targets: readonly EntryTarget[]) {
    this.targets = targets;
  }

  take(): boolean {
    return true;
  }

  isFull(): boolean {
    return false;
  }

  finish(): DumpResult {
    try {
      return { update: { results: this.updater.run(this.targets) } };
    } catch (error) {
      return { update: { failure: error instanceof NetlinkError ? error.failure.message : String(error) } };
    } finally {
      this.updater.close();
    }
  }

  abandon(): void {
    this.updater.close();
  }
}

/** The source of a pass that reads no table. */
export const NO_TABLE: EntrySource = {
  unparsed: 0,
  isFilteredByKernel: false,
  isInconsistent: false,
  advance: () => 'end',
  close: () => undefined,
};
