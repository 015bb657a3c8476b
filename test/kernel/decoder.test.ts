import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptDecode, decoded } from '../unit/kernel/netlink/attempt-decode.ts';
import { dice, mutated } from '../unit/kernel/netlink/mutations.ts';
import { makeEntries, makeRareEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const SCRIPT = join(import.meta.dirname, 'support/dump-messages.ts');
const CREATED = 500;
const MUTATIONS = 60_000;

let namespace: NetworkNamespace;
let messages: readonly Buffer[];

beforeAll(async () => {
  namespace = await NetworkNamespace.create('decoder');
  await namespace.writeSysctl('acct', 1);
  await namespace.writeSysctl('timestamp', 1);
  await makeEntries(namespace, CREATED);
  await makeRareEntries(namespace);
  await namespace.talk();
  const printed = await namespace.run(process.execPath, [SCRIPT]);
  messages = printed.split('\n').map((line) => Buffer.from(line, 'base64'));
});

afterAll(() => namespace.delete());

describe('real messages', () => {
  it('all decode, to every kind of entry', () => {
    const entries = messages.map(decoded);
    expect(entries.length).toBeGreaterThan(CREATED + 1_000);
    const protocols = entries.map(({ protocol }) => protocol);
    for (const name of ['tcp', 'udp', 'icmp', 'icmpv6', 'gre', 'sctp', 'udplite', 'dccp']) expect(protocols).toContain(name);
    for (const field of ['mark', 'zone', 'startedAt', 'state', 'timeoutSeconds'] as const)
      expect(entries.some((entry) => entry[field] !== undefined)).toBe(true);
    expect(entries.some(({ original }) => Number(original.packets) > 0)).toBe(true);
    expect(entries.some(({ status }) => status.includes('SRC_NAT'))).toBe(true);
    expect(entries.some(({ status }) => status.includes('DST_NAT'))).toBe(true);
    expect(new Set(entries.map(({ family }) => family)).size).toBe(2);
  });

  it(`either decode or throw MalformedMessage after each of ${MUTATIONS} mutations`, () => {
    const outcomes = { decoded: 0, malformed: 0 };
    for (let number = 0; number < MUTATIONS; number += 1) {
      const message = messages[number % messages.length];
      if (message) outcomes[attemptOf(message, number)] += 1;
    }
    expect(outcomes.decoded).toBeGreaterThan(1_000);
    expect(outcomes.malformed).toBeGreaterThan(1_000);
  });
});

function attemptOf(message: Buffer, number: number): 'decoded' | 'malformed' {
  const result = mutated(message, dice(1_000_003 * (number + 1)));
  try {
    return attemptDecode(result);
  } catch (error) {
    throw new Error(`mutation ${number} of ${message.toString('hex')}: ${result.toString('hex')}`, { cause: error });
  }
}
