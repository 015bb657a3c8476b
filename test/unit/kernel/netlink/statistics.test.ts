import { describe, expect, it } from 'vitest';
import { CT_GET_STATS_CPU, NLMSG_DONE, NLMSG_ERROR } from '../../../../src/kernel/netlink/ctnetlink.ts';
import { MessageWriter } from '../../../../src/kernel/netlink/message-writer.ts';
import { namedCounters } from '../../../../src/kernel/netlink/statistics.ts';
import { readStatisticsMessages } from '../../../../src/kernel/netlink/statistics-messages.ts';

const FOUND = 2;
const CHAIN_TOO_LONG = 15;

/** A netlink header and an error number, as in NLMSG_ERROR and NLMSG_DONE. */
function ending(type: number, error: number): Uint8Array {
  return new Uint8Array(Int32Array.of(20, type, 1, 0, error).buffer);
}

function twoProcessors(): Uint8Array {
  const writer = new MessageWriter();
  writer.begin(CT_GET_STATS_CPU, 0, 0, 1).word(FOUND, 7).word(CHAIN_TOO_LONG, 0xffff_fff0).finish();
  return writer.begin(CT_GET_STATS_CPU, 0, 0, 1).word(FOUND, 0).finish().bytes;
}

describe('statistics over ctnetlink', () => {
  it('are one message for each CPU, of unsigned 32-bit numbers, until NLMSG_DONE', () => {
    const { messages, isDone } = readStatisticsMessages(twoProcessors());
    expect(messages.map((numbers) => Object.fromEntries(numbers))).toEqual([{ [FOUND]: 7, [CHAIN_TOO_LONG]: 0xffff_fff0 }, { [FOUND]: 0 }]);
    expect(isDone).toBe(false);
    expect(readStatisticsMessages(Buffer.concat([twoProcessors(), ending(NLMSG_DONE, 0)]))).toMatchObject({ messages, isDone: true });
  });

  it('have the names of the columns of /proc/net/stat, and omit counters without a name', () => {
    const numbers = new Map([
      [FOUND, 7],
      [12, 1],
      [14, 2],
      [CHAIN_TOO_LONG, 3],
      [200, 4],
    ]);
    expect(namedCounters(numbers)).toEqual({ found: 7, icmp_error: 1, clashres: 2, chainlength: 3 });
  });

  it('skip attributes that are not 32-bit numbers', () => {
    const { bytes } = new MessageWriter().begin(CT_GET_STATS_CPU, 0, 0, 1).octets(77, Buffer.from('hello')).word(FOUND, 7).finish();
    expect(readStatisticsMessages(bytes).messages).toEqual([new Map([[FOUND, 7]])]);
  });

  it.each([NLMSG_ERROR, NLMSG_DONE])('throw the kernel’s error from a message of type %i', (type) => {
    expect(() => readStatisticsMessages(ending(type, -1))).toThrow('operation not permitted (EPERM)');
  });

  it('throw an error with the offset if a length exceeds the received bytes', () => {
    const received = Buffer.from(twoProcessors());
    for (let length = 1; length < received.length; length += 1) {
      const cut = received.subarray(0, length);
      if (length === 36) expect(readStatisticsMessages(cut).messages).toHaveLength(1);
      else expect(() => readStatisticsMessages(cut)).toThrow(/invalid length at offset \d+/);
    }
    const swollen = Buffer.from(received);
    swollen.writeUInt16LE(60, 20);
    expect(() => readStatisticsMessages(swollen)).toThrow('an attribute with an invalid length at offset 20');
  });
});
