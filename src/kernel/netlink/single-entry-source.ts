import type { EntrySource, TakeEntry } from '../entries/entry-source.ts';
import { parseEntryId } from '../entries/entry-id.ts';
import { nanosecondTime } from '../entries/entry-values.ts';
import { EntryView } from '../entries/entry-view.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeEntry, messageBuffer } from './decode.ts';
import { getRequest } from './requests.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

/** The entry that currently has the tuple of an id: the same entry, a later one with the same tuple, or none. */
export class SingleEntrySource implements EntrySource {
  readonly unparsed = 0;
  readonly isFilteredByKernel = true;
  readonly isInconsistent = false;
  private readonly view = new EntryView();
  private isFound: boolean;

  /**
   * @param exactly ignores a later entry, which has another CTA_ID
   * @param startedAt with `exactly`: ignores an entry that began at another time, whatever its CTA_ID
   * @throws NetlinkError; RangeError if `id` is not an entry id
   */
  constructor(id: string, exactly: boolean, startedAt?: string) {
    const key = parseEntryId(id);
    if (!key) throw new RangeError(`${id} is not an entry id.`);
    const socket = new NetlinkSocket();
    try {
      socket.send(getRequest(key, socket.nextSequence()));
      this.isFound =
        this.receive(socket) && (!exactly || (this.hasKernelId(key.id) && (startedAt === undefined || startOf(this.view) === startedAt)));
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

  private hasKernelId(id: number | undefined): boolean {
    return id !== undefined && this.view.hasId && this.view.id === (id | 0);
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

/** `undefined` if the kernel did not record it. */
function startOf({ hasStart, startHigh, startLow }: EntryView): string | undefined {
  return hasStart ? nanosecondTime(startHigh, startLow) : undefined;
}
