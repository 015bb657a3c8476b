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

/** The filter parts that the kernel applies, and whether the result is conclusive: an empty table cannot show all of them. */
export interface FilterProbe {
  readonly honours: readonly string[];
  readonly isConclusive: boolean;
}

/** Filters that match every entry. A kernel that supports the part sets NLM_F_DUMP_FILTERED on each message (since 5.8). */
const MATCHING_ALL = { mark: { mark: { bits: 0, mask: 0 } }, zone: { zone: 0 } } as const;
const BLOCK_BYTES = 65_536;

type Outcome = 'filtered' | 'unfiltered' | 'empty' | { readonly errno: number };
type Request = (sequence: number) => Uint8Array;

/**
 * Finds out which parts of a filter the kernel applies; it silently ignores the others. May walk an almost empty table to its end: do not call
 * it on the main thread.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EINVAL` without ctnetlink
 */
export function probeFilter(): FilterProbe {
  // Without a family, a kernel that supports the attribute refuses it (since 5.8); an older kernel begins to dump.
  const honoursTuple = isRefused(tupleRequest, errno.EOPNOTSUPP);
  // An empty mask: a kernel that supports the attribute refuses it (since 5.15).
  const honoursStatus = isRefused((sequence) => dumpRequest({ status: { bits: 0, mask: 0 } }, sequence), errno.EINVAL);
  const outcomes = Object.entries(MATCHING_ALL).map(
    ([part, filter]) => [part, firstOutcome((sequence) => dumpRequest(filter, sequence))] as const,
  );
  return {
    honours: [
      'family',
      ...(honoursTuple ? ['address', 'protocol', 'port'] : []),
      ...(honoursStatus ? ['status'] : []),
      ...outcomes.flatMap(([part, outcome]) => (outcome === 'filtered' ? [part] : [])),
    ],
    isConclusive: outcomes.every(([, outcome]) => outcome !== 'empty'),
  };
}

function isRefused(request: Request, expected: number): boolean {
  const outcome = firstOutcome(request);
  return typeof outcome === 'object' && outcome.errno === expected;
}

/** A filter for a protocol, without a family. */
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

/** @throws NetlinkError if ctnetlink denies access, which shows nothing about filters */
function firstOutcome(request: Request): Outcome {
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

function refusal(error: number): Outcome {
  if (error === errno.EPERM || error === errno.EACCES) throw new NetlinkError('ctnetlink dump', error);
  return { errno: error };
}
