import { constants } from 'node:os';
import { IPPROTO } from '../entries/entry-view.ts';
import {
  CT_GET,
  CTA,
  CTA_FILTER,
  CTA_FILTER_FLAG,
  CTA_PROTO,
  CTA_TUPLE,
  NLM_F_DUMP,
  NLM_F_DUMP_FILTERED,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HEADER_BYTES,
} from './ctnetlink.ts';
import { messageBuffer } from './decode.ts';
import { MessageWriter } from './message-writer.ts';
import { dumpRequest } from './requests.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

const { errno } = constants;

/** What the kernel selects by itself, and whether that is all that there is to know: an empty table shows less. */
export interface FilterProbe {
  readonly honours: readonly string[];
  readonly isConclusive: boolean;
}

/** Filters that every entry meets: where the kernel knows the part, it says on each entry that it filtered (since 5.8). */
const MATCHING_ALL = { mark: { mark: { bits: 0, mask: 0 } }, zone: { zone: 0 } } as const;
const BLOCK_BYTES = 65_536;

type Answer = 'filtered' | 'unfiltered' | 'empty' | { readonly errno: number };
type Request = (sequence: number) => Uint8Array;

/**
 * Asks the kernel which parts of a filter it honours; the rest it ignores without a word. Walks an almost empty table to its end: not on the
 * main thread.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EINVAL` without ctnetlink
 */
export function probeFilter(): FilterProbe {
  // Without a family a kernel that knows the attribute refuses it (since 5.8), and one that does not begins to dump.
  const honoursTuple = isRefused(tupleRequest, errno.EOPNOTSUPP);
  // No bit to look at: refused likewise (since 5.15).
  const honoursStatus = isRefused((sequence) => dumpRequest({ status: { bits: 0, mask: 0 } }, sequence), errno.EINVAL);
  const answers = Object.entries(MATCHING_ALL).map(
    ([part, filter]) => [part, firstAnswer((sequence) => dumpRequest(filter, sequence))] as const,
  );
  return {
    honours: [
      'family',
      ...(honoursTuple ? ['address', 'protocol', 'port'] : []),
      ...(honoursStatus ? ['status'] : []),
      ...answers.flatMap(([part, answer]) => (answer === 'filtered' ? [part] : [])),
    ],
    isConclusive: answers.every(([, answer]) => answer !== 'empty'),
  };
}

function isRefused(request: Request, expected: number): boolean {
  const answer = firstAnswer(request);
  return typeof answer === 'object' && answer.errno === expected;
}

/** A filter for a protocol that names no family. */
function tupleRequest(sequence: number): Uint8Array {
  const writer = new MessageWriter().begin(CT_GET, NLM_F_REQUEST | NLM_F_DUMP, 0, sequence);
  writer.nest(CTA.tupleOriginal, () => {
    writer.nest(CTA_TUPLE.protocol, () => writer.octet(CTA_PROTO.number, IPPROTO.tcp));
  });
  writer.nest(CTA.filter, () => {
    writer.hostWord(CTA_FILTER.originalFlags, CTA_FILTER_FLAG.protocolNumber).hostWord(CTA_FILTER.replyFlags, 0);
  });
  return writer.finish().bytes;
}

/** @throws NetlinkError where ctnetlink is not for us: that says nothing about filters */
function firstAnswer(request: Request): Answer {
  const socket = new NetlinkSocket();
  try {
    socket.setStrict();
    socket.send(request(socket.nextSequence()));
    const { bytes, words } = messageBuffer(BLOCK_BYTES);
    socket.receive(bytes);
    const [type = 0, flags = 0] = new Uint16Array(words.buffer, 4, 2);
    const error = -((words[NLMSG_HEADER_BYTES >>> 2] ?? 0) | 0);
    if ((type === NLMSG_ERROR || type === NLMSG_DONE) && error > 0) return refusal(error);
    if (type === NLMSG_DONE) return 'empty';
    return (flags & NLM_F_DUMP_FILTERED) === 0 ? 'unfiltered' : 'filtered';
  } finally {
    socket.close();
  }
}

function refusal(error: number): Answer {
  if (error === errno.EPERM || error === errno.EACCES) throw new NetlinkError('ctnetlink dump', error);
  return { errno: error };
}
