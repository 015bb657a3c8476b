import { describe, expect, it } from 'vitest';
import { dropsOf } from '../../../../src/kernel/events/socket-drops.ts';

const TABLE = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000004cd220bd 0   4242       00000000 0        0        0     2        9        4       
000000002f1b6c11 12  4242       00000007 1280     0        0     2        36913    433     
0000000054a11646 12  3185       00000000 0        0        0     2        0        434     
`;

describe('the drops in /proc/net/netlink', () => {
  it('are those of this netfilter socket, not of another protocol with the same port id', () => {
    expect(dropsOf('4242', TABLE)).toBe(36_913);
  });

  it('are unknown if the socket is not listed or the file cannot be read', () => {
    expect([dropsOf('1', TABLE), dropsOf('4242', '')]).toEqual([undefined, undefined]);
  });
});
