import { describe, expect, it } from 'vitest';
import { AF_INET, AF_INET6, IPPROTO } from '../../../../src/kernel/entries/entry-view.ts';
import { NLMSG_HEADER_BYTES } from '../../../../src/kernel/netlink/ctnetlink.ts';
import { addBlocks, BLOCK_SETS, blocksIn, isBlockable, type BlockedPackets } from '../../../../src/kernel/netlink/nft-blocks.ts';

const NEW_ELEMENTS = 0x0a0c;

/** The messages of a batch, by type. */
function messagesOf(bytes: Uint8Array, type: number): readonly Uint8Array[] {
  const view = Buffer.from(bytes);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < view.length; at += (view.readUInt32LE(at) + 3) & ~3)
    if (view.readUInt16LE(at + 4) === type) messages.push(view.subarray(at, at + view.readUInt32LE(at)));
  return messages;
}

const V4: BlockedPackets = {
  ...{ family: AF_INET, protocol: IPPROTO.tcp, source: Uint8Array.of(192, 0, 2, 1), sourcePort: 50_000 },
  ...{ destination: Uint8Array.of(198, 51, 100, 7), destinationPort: 443, comment: 'change 12' },
};
const V6: BlockedPackets = {
  ...{ family: AF_INET6, protocol: IPPROTO.icmpv6, source: Uint8Array.from({ length: 16 }, (_, at) => at), sourcePort: 7 },
  ...{ destination: Uint8Array.from({ length: 16 }, (_, at) => 255 - at), destinationPort: 7, comment: 'change 12 reply' },
};

describe('elements of blocked packets', () => {
  it('are in the set of their family, and read back as they were written', () => {
    const messages = messagesOf(addBlocks([V4, V6, { ...V4, sourcePort: 50_001 }], 60, 1), NEW_ELEMENTS);
    expect(messages.map(({ length }) => length > NLMSG_HEADER_BYTES)).toEqual([true, true]);
    const [four = [], six = []] = messages.map((message, at) => [...blocksIn(message, BLOCK_SETS[at] ?? '')]);
    expect(four).toMatchObject([
      { protocol: 6, source: '192.0.2.1', sourcePort: 50_000, destination: '198.51.100.7', destinationPort: 443, comment: 'change 12' },
      { sourcePort: 50_001 },
    ]);
    expect(six).toMatchObject([
      {
        ...{ protocol: 58, source: '1:203:405:607:809:a0b:c0d:e0f', sourcePort: 7, comment: 'change 12 reply' },
        destination: 'fffe:fdfc:fbfa:f9f8:f7f6:f5f4:f3f2:f1f0',
      },
    ]);
  });

  it('of one family need no message for the other', () => {
    expect(messagesOf(addBlocks([V6], 1, 1), NEW_ELEMENTS)).toHaveLength(1);
  });

  it('fit in one attribute, whose length has 16 bits, for 256 of IPv6', () => {
    const [message] = messagesOf(
      addBlocks(Array<BlockedPackets>(256).fill({ ...V6, comment: 'change 4294967296 reply' }), 1, 1),
      NEW_ELEMENTS,
    );
    expect([...blocksIn(message ?? new Uint8Array(), 'ipv6')]).toHaveLength(256);
  });

  it.each([
    [IPPROTO.tcp, true],
    [IPPROTO.udplite, true],
    [IPPROTO.icmp, true],
    [47, false], // GRE
    [50, false], // ESP
  ])('cannot recognise packets of protocols without ports or ids: %i %s', (protocol, expected) => {
    expect(isBlockable(protocol)).toBe(expected);
  });
});
