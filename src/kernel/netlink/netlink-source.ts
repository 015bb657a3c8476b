import type { EntrySource, TakeEntry } from '../entries/entry-source.ts';
import { EntryView } from '../entries/entry-view.ts';
import { messageFlags, messageType } from './attribute-values.ts';
import { NLM_F_DUMP_FILTERED, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeEntry, MalformedMessage, messageBuffer } from './decode.ts';
import type { KernelFilter } from './kernel-filter.ts';
import { dumpRequest } from './requests.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

/** The kernel returns at most 32 KiB in one receive, whatever the size of the buffer. */
const BLOCK_BYTES = 65_536;

/** A dump over ctnetlink. The kernel walks the table only as far as the dump is read. */
export class NetlinkSource implements EntrySource {
  unparsed = 0;
  isFilteredByKernel = false;
  isInconsistent = false;
  private readonly socket: NetlinkSocket;
  private readonly block = messageBuffer(BLOCK_BYTES);
  private readonly view = new EntryView();
  private at = 0;
  private end = 0;

  /** @throws NetlinkError if the kernel refuses: `EPERM` without CAP_NET_ADMIN, `EPROTONOSUPPORT` without ctnetlink */
  constructor(filter: KernelFilter) {
    this.socket = new NetlinkSocket();
    try {
      this.socket.setStrict();
      this.socket.send(dumpRequest(filter, this.socket.nextSequence()));
      // The kernel reports an error instead of the first entries. Receiving them here lets the constructor throw it.
      this.end = this.socket.receive(this.block.bytes);
      this.requireNoError();
    } catch (error) {
      this.socket.close();
      throw error;
    }
  }

  advance(take: TakeEntry): 'more' | 'paused' | 'end' {
    if (this.at >= this.end) {
      this.end = this.socket.receive(this.block.bytes);
      this.at = 0;
    }
    const { block, view, end } = this;
    while (this.at < end) {
      const length = block.words[this.at >>> 2] as number;
      if (length < NLMSG_HEADER_BYTES || this.at + length > end) throw new MalformedMessage('a message with an invalid length', this.at);
      const header = block.words[(this.at >>> 2) + 1] as number;
      this.recordFlags(messageFlags(header));
      if (messageType(header) === NLMSG_DONE) return this.finish();
      if (messageType(header) === NLMSG_ERROR) this.requireNoError();
      else if (this.decode(this.at, this.at + length) && !take(view)) return 'paused';
      this.at += (length + 3) & ~3;
    }
    return 'more';
  }

  private recordFlags(flags: number): void {
    if ((flags & NLM_F_DUMP_FILTERED) !== 0) this.isFilteredByKernel = true;
    if ((flags & NLM_F_DUMP_INTR) !== 0) this.isInconsistent = true;
  }

  close(): void {
    this.socket.close();
  }

  private decode(at: number, end: number): boolean {
    try {
      decodeEntry(this.block, at, end, this.view);
      return true;
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.unparsed += 1;
      return false;
    }
  }

  /** The last message of a dump carries an error number if the kernel aborted the dump. */
  private finish(): 'end' {
    this.requireNoError();
    return 'end';
  }

  private requireNoError(): void {
    const type = messageType(this.block.words[(this.at >>> 2) + 1] as number);
    if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return;
    const error = (this.block.words[(this.at + NLMSG_HEADER_BYTES) >>> 2] as number) | 0;
    if (error < 0) throw new NetlinkError('ctnetlink dump', -error);
  }
}
