import type { EndOptions } from '../../domain/deletion.ts';
import { ABSENT, IPPROTO, type EntryView } from '../entries/entry-view.ts';
import type { EntryKey } from '../entries/entry-id.ts';
import { blockComment, ensureTable } from './blocks-table.ts';
import { keyOf } from './entry-key.ts';
import { addBlocks, isBlockable, type BlockedPackets } from './nft-blocks.ts';
import { change } from './nft-exchange.ts';
import { SocketDestroyer } from './socket-destroyer.ts';

const WITH_SOCKETS: readonly number[] = [IPPROTO.tcp, IPPROTO.udp];

/** Ends the connections of entries that are then deleted, in batches. Blocks: use it in worker threads only. */
export class ConnectionEnder {
  /** Sockets of this host that were destroyed. */
  sockets = 0;
  /** Entries whose packets cannot be recognised: of a zone, or of a protocol without ports or ids. */
  skipped = 0;
  private readonly options: EndOptions;
  private readonly destroyer = new SocketDestroyer();
  private queue: (readonly [original: EntryKey, reply: EntryKey])[] = [];
  private hasTable = false;

  constructor(options: EndOptions) {
    this.options = options;
  }

  /** @returns false if the connection cannot be ended: the entry must not be deleted */
  add(view: EntryView): boolean {
    const isInZone = view.zone > 0 || view.original.zone !== ABSENT || view.reply.zone !== ABSENT;
    if (isInZone || !isBlockable(view.protocol)) {
      this.skipped += 1;
      return false;
    }
    this.queue.push([keyOf(view), keyOf(view, view.reply)]);
    return true;
  }

  /**
   * Ends the queued connections. Sockets first: as long as the entry exists, NAT translates their resets.
   *
   * @throws NetlinkError: nothing of this batch may be deleted
   */
  send(): void {
    const { queue } = this;
    this.queue = [];
    if (queue.length === 0) return;
    if (!this.hasTable) ensureTable();
    this.hasTable = true;
    for (const [original, reply] of queue) if (WITH_SOCKETS.includes(original.protocol)) this.destroySockets(original, reply);
    const { change: id, blockSeconds } = this.options;
    const packets = queue.flatMap(([original, reply]) => [
      packetsOf(original, blockComment(id, 'original')),
      packetsOf(reply, blockComment(id, 'reply')),
    ]);
    change((sequence) => addBlocks(packets, blockSeconds, sequence));
  }

  close(): void {
    this.destroyer.close();
  }

  /** Of the client, which sends to the address before NAT, and of the server, which receives from the address after NAT. */
  private destroySockets(original: EntryKey, reply: EntryKey): void {
    for (const { family, protocol, source, sourcePort, destination, destinationPort } of [original, reply]) {
      const ends = { family, protocol, local: source, localPort: sourcePort, remote: destination, remotePort: destinationPort };
      if (this.destroyer.destroy(ends)) this.sockets += 1;
    }
  }
}

function packetsOf({ icmp, ...key }: EntryKey, comment: string): BlockedPackets {
  return { ...key, comment, ...(icmp && { sourcePort: icmp.id, destinationPort: icmp.id }) };
}
