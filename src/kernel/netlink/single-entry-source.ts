import type { EntrySource, TakeEntry } from '../entries/entry-source.ts';
import { parseEntryId } from '../entries/entry-id.ts';
import { EntryView } from '../entries/entry-view.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeEntry, messageBuffer } from './decode.ts';
import { getRequest } from './requests.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

/** The entry that has an id's tuple now: the very one, or another that came after it, or none. */
export class SingleEntrySource implements EntrySource {
  readonly unparsed = 0;
  readonly isFilteredByKernel = true;
  readonly isInconsistent = false;
  private readonly view = new EntryView();
  private isFound: boolean;

  /** @param exactly whether an entry with another id of the kernel's counts as none. @throws NetlinkError; RangeError for what is no id of ours */
  constructor(id: string, exactly: boolean) {
    const key = parseEntryId(id);
    if (!key) throw new RangeError(`${id} is no id of an entry.`);
    const socket = new NetlinkSocket();
    try {
      socket.send(getRequest(key, socket.nextSequence()));
      this.isFound =
        this.receive(socket) && (!exactly || (this.view.hasId && this.view.id === ((key.id ?? -1) | 0) && key.id !== undefined));
    } finally {
      socket.close();
    }
  }

  advance(take: TakeEntry): 'paused' | 'end' {
    if (this.isFound && !take(this.view)) return 'paused';
    this.isFound = false;
    return 'end';
  }

  close(): void {
    this.isFound = false;
  }

  private receive(socket: NetlinkSocket): boolean {
    const block = messageBuffer(16_384);
    const end = socket.receive(block.bytes);
    const type = new Uint16Array(block.bytes.buffer, 4, 1)[0];
    if (type !== NLMSG_ERROR) {
      decodeEntry(block, 0, Math.min(end, block.words[0] ?? 0), this.view);
      return true;
    }
    const error = (block.words[NLMSG_HEADER_BYTES >>> 2] ?? 0) | 0;
    const failure = new NetlinkError('ctnetlink get', -error);
    if (failure.failure.code === 'ENOENT') return false;
    throw failure;
  }
}
