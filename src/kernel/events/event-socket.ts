import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { StreamType } from '../../domain/filter/entry-event.ts';
import { messageFlags, messageType } from '../netlink/attribute-values.ts';
import {
  CT_DELETE,
  CT_NEW,
  EXP_DELETE,
  EXP_NEW,
  GROUPS,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLMSG_ERROR,
  NLMSG_HEADER_BYTES,
} from '../netlink/ctnetlink.ts';
import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';
import { inNamespace } from '../netlink/in-namespace.ts';
import { statsRequest } from '../netlink/requests.ts';
import { NetlinkError, NetlinkSocket } from '../netlink/netlink-socket.ts';
import { systemFailure, systemFailureOf, type SystemFailure } from '../system-failure.ts';
import { KIND } from './event-ring.ts';
import { SocketDrops } from './socket-drops.ts';

/** The kernel sends one message at a time, of at most about 1 KiB apart from its texts. */
const BLOCK_BYTES = 65_536;
/** Belongs to the network namespace of the calling thread. */
const SETTING = '/proc/sys/net/netfilter/nf_conntrack_events';

/** The service cannot listen to the events of the kernel. */
export class EventsRefused extends Error {
  /** A path of the host, or a system call. */
  readonly what: string;
  /** Code `DISABLED` if events are switched off. */
  readonly failure: SystemFailure;

  constructor(what: string, failure: SystemFailure) {
    super(`${what}: ${failure.message} (${failure.code})`);
    this.what = what;
    this.failure = failure;
  }
}

/** Consumer of received messages. */
export interface EventSink {
  append(kind: number, source: MessageBuffer, from: number, length: number): void;
  appendOverrun(dropped: number | undefined): void;
}

/** Receives messages of the kernel about entries and expectations. Receives nothing before `join`. */
export class EventSocket {
  private readonly sink: EventSink;
  private readonly socket: NetlinkSocket;
  private readonly drops: SocketDrops;
  private readonly block = messageBuffer(BLOCK_BYTES);
  private isOverrun = false;

  /** @throws EventsRefused, NetlinkError, or an error of `inNamespace` for the namespace */
  constructor(sink: EventSink, receiveBufferBytes: number, namespacePath: string | undefined, identity?: string) {
    this.sink = sink;
    const open = (): readonly [NetlinkSocket, SocketDrops] => {
      requireEvents();
      requireCtnetlink();
      const socket = new NetlinkSocket({ receiveBufferBytes });
      return [socket, new SocketDrops(socket.portId)];
    };
    [this.socket, this.drops] = inNamespace(namespacePath, open, identity);
  }

  /** @throws NetlinkError */
  join(type: StreamType): void {
    this.socket.join(GROUPS[type]);
  }

  /**
   * Receives the pending messages, up to about `most`.
   *
   * @returns whether there may be more
   * @throws NetlinkError if the socket cannot be read any more
   */
  drain(most: number): boolean {
    for (let count = 0; count < most; count += 1) {
      const got = this.socket.tryReceive(this.block.bytes);
      if (got > 0) this.take(got);
      else if (got === 0) {
        this.settleOverrun();
        return false;
      } else if (got === -constants.errno.ENOBUFS) this.isOverrun = true;
      else throw new NetlinkError('recv', -got);
    }
    return true;
  }

  close(): void {
    this.socket.close();
    this.drops.close();
  }

  private take(end: number): void {
    const { words } = this.block;
    let at = 0;
    while (end - at >= NLMSG_HEADER_BYTES) {
      const length = words[at >>> 2] as number;
      if (length < NLMSG_HEADER_BYTES || at + length > end) break;
      const kind = kindOf(words[(at >>> 2) + 1] as number);
      if (kind !== undefined) this.sink.append(kind, this.block, at, length);
      at += (length + 3) & ~3;
    }
    if (at < end) this.sink.append(KIND.malformed, this.block, 0, 0);
  }

  /** After the kernel has dropped a message, it drops all until the buffer is empty. So the gap is here, not where ENOBUFS was returned. */
  private settleOverrun(): void {
    if (!this.isOverrun) return;
    this.isOverrun = false;
    this.sink.appendOverrun(this.drops.sinceLast());
  }
}

/** `undefined` for a message of another kind. @param header type and flags of the message, as one word */
function kindOf(header: number): number | undefined {
  const type = messageType(header);
  if (type === CT_DELETE) return KIND.destroy;
  if (type === EXP_NEW) return KIND['expectation-new'];
  if (type === EXP_DELETE) return KIND['expectation-destroy'];
  if (type !== CT_NEW) return undefined;
  return (messageFlags(header) & (NLM_F_CREATE | NLM_F_EXCL)) === 0 ? KIND.update : KIND.new;
}

/** A kernel without events, or with events switched off, accepts a subscription anyway. */
function requireEvents(): void {
  let text: string;
  try {
    text = readFileSync(SETTING, 'utf8');
  } catch (error) {
    throw new EventsRefused(SETTING, systemFailure(error));
  }
  if (text.trim() === '0') throw new EventsRefused(SETTING, { code: 'DISABLED', message: 'it is 0, so the kernel sends no events' });
}

/** Joining a group succeeds without ctnetlink, and loads it asynchronously. A request waits until it is loaded, or fails with the reason. */
function requireCtnetlink(): void {
  const socket = new NetlinkSocket();
  try {
    const { bytes, words } = messageBuffer(BLOCK_BYTES);
    socket.send(statsRequest(socket.nextSequence()));
    socket.receive(bytes);
    if (messageType(words[1] as number) !== NLMSG_ERROR) return;
    const error = (words[NLMSG_HEADER_BYTES >>> 2] as number) | 0;
    if (error < 0) throw new EventsRefused('ctnetlink', systemFailureOf(-error));
  } finally {
    socket.close();
  }
}
