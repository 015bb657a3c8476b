import { NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from '../../../../src/kernel/netlink/ctnetlink.ts';

/** Numbers from 0 up to but excluding a bound; the same sequence for the same seed (xorshift). */
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

/** Lengths that exceed the container, or are too short for a header. */
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 12, 0x7fff, 0x8000, 0xffff];

type Mutation = (message: Buffer, roll: Dice) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  /** Changes a few octets. */
  (message, roll) => {
    for (let count = 1 + roll(4); count > 0; count -= 1) message[roll(message.length)] = roll(256);
    return message;
  },
  /** Flips one bit. */
  (message, roll) => {
    const at = roll(message.length);
    message[at] = (message[at] ?? 0) ^ (1 << roll(8));
    return message;
  },
  /** Truncates the message. */
  (message, roll) => message.subarray(0, roll(message.length)),
  /** Changes a length, at the position of an attribute or elsewhere. */
  (message, roll) => {
    const at = NLMSG_HEADER_BYTES + NLA_HEADER_BYTES * roll((message.length - NLMSG_HEADER_BYTES) >>> 2);
    message.writeUInt16LE(LENGTHS[roll(LENGTHS.length)] ?? 0, at);
    return message;
  },
  /** Changes the type of an attribute. */
  (message, roll) => {
    const at = NLMSG_HEADER_BYTES + NLA_HEADER_BYTES * roll((message.length - NLMSG_HEADER_BYTES) >>> 2);
    message.writeUInt16LE(roll(32) | (roll(2) << 15), at + 2);
    return message;
  },
  /** Duplicates or removes a piece. */
  (message, roll) => {
    const [from, to] = [4 * roll(message.length >>> 2), 4 * roll(message.length >>> 2)];
    return Buffer.concat([message.subarray(0, Math.max(from, to)), message.subarray(Math.min(from, to))]);
  },
];

/** A copy with one to three mutations, such as a faulty kernel or faulty memory might cause. */
export function mutated(message: Uint8Array, roll: Dice): Buffer {
  let result: Buffer = Buffer.from(message);
  for (let count = 1 + roll(3); count > 0 && result.length > 2 * NLMSG_HEADER_BYTES; count -= 1) {
    result = MUTATIONS[roll(MUTATIONS.length)]?.(result, roll) ?? result;
  }
  return result;
}
