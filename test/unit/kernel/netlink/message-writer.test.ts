import { describe, expect, it } from 'vitest';
import { MessageWriter } from '../../../../src/kernel/netlink/message-writer.ts';

const BYTES = [1, 20, 28, 29, 32, 40, 64];

/** One attribute of each kind, and a nest. */
function write(writer: MessageWriter): Buffer {
  writer.begin(0x0a09, 5, 1, 42).octet(1, 0xab).short(2, 0x1234).word(3, 0xdead_beef).hostWord(4, 0x0102_0304);
  writer
    .nest(5, () => writer.text(6, 'a name').octets(7, Uint8Array.of(1, 2, 3, 4, 5)))
    .word(8, 7)
    .finish();
  return Buffer.from(writer.begin(0x0a0a, 0, 0, 43, 10).octet(1, 9).finish().bytes);
}

describe('a message that outgrows its buffer', () => {
  it.each(BYTES)('is the same as in a buffer that is large enough, from %i bytes on', (bytes) => {
    expect(write(new MessageWriter(bytes)).toString('hex')).toBe(write(new MessageWriter(4_096)).toString('hex'));
  });

  it('has padding of zeros also where an earlier, longer message was', () => {
    const writer = new MessageWriter(64);
    writer.begin(1, 0, 0, 1).octets(1, Buffer.alloc(30, 0xff)).finish();
    writer.clear();
    expect(write(writer).toString('hex')).toBe(write(new MessageWriter(4_096)).toString('hex'));
  });
});
