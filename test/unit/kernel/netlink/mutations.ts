import { NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from '../../../../src/kernel/netlink/ctnetlink.ts';

/** Numbers from 0 up to a bound; the same sequence for the same seed (xorshift). */
export type Dice = (bound: number) => number;

export function dice(seed: number): Dice {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Lengths that lead out of where they are, or nowhere. */
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 12, 0x7fff, 0x8000, 0xffff];

type Mutation = (message: Buffer, roll: Dice) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  /** A few octets are others. */
  (message, roll) => {
    for (let count = 1 + roll(4); count > 0; count -= 1) message[roll(message.length)] = roll(256);
    return message;
  },
  /** One bit is another. */
  (message, roll) => {
    const at = roll(message.length);
    message[at] = (message[at] ?? 0) ^ (1 << roll(8));
    return message;
  },
  /** It ends early. */
  (message, roll) => message.subarray(0, roll(message.length)),
  /** A length, of an attribute or what is taken for one, is another. */
  (message, roll) => {
    const at = NLMSG_HEADER_BYTES + NLA_HEADER_BYTES * roll((message.length - NLMSG_HEADER_BYTES) >>> 2);
    message.writeUInt16LE(LENGTHS[roll(LENGTHS.length)] ?? 0, at);
    return message;
  },
  /** A type of an attribute is another. */
  (message, roll) => {
    const at = NLMSG_HEADER_BYTES + NLA_HEADER_BYTES * roll((message.length - NLMSG_HEADER_BYTES) >>> 2);
    message.writeUInt16LE(roll(32) | (roll(2) << 15), at + 2);
    return message;
  },
  /** A piece of it is there twice, or gone. */
  (message, roll) => {
    const [from, to] = [4 * roll(message.length >>> 2), 4 * roll(message.length >>> 2)];
    return Buffer.concat([message.subarray(0, Math.max(from, to)), message.subarray(Math.min(from, to))]);
  },
];

/** What a broken kernel, or memory, might make of a message: up to three mutations of a copy. */
export function mutated(message: Uint8Array, roll: Dice): Buffer {
  let result: Buffer = Buffer.from(message);
  for (let count = 1 + roll(3); count > 0 && result.length > 2 * NLMSG_HEADER_BYTES; count -= 1) {
    result = MUTATIONS[roll(MUTATIONS.length)]?.(result, roll) ?? result;
  }
  return result;
}
