import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST } from './ctnetlink.ts';
import { MessageWriter } from './message-writer.ts';

/* Numbers of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. */
const SUBSYSTEM = 10; // NFNL_SUBSYS_NFTABLES
const BATCH = { begin: 0x10, end: 0x11 } as const; // NFNL_MSG_BATCH_*
const MESSAGE = { newTable: 0, getTable: 1, deleteTable: 2, newChain: 3, newRule: 6, getRule: 7 } as const; // NFT_MSG_*
const NLM_F_APPEND = 0x800;
const NFPROTO_INET = 1;
const TABLE_NAME = 1; // NFTA_TABLE_NAME
const CHAIN = { table: 1, name: 3, hook: 4, type: 7 } as const; // NFTA_CHAIN_*
const HOOK = { number: 1, priority: 2 } as const; // NFTA_HOOK_*
const RULE = { table: 1, chain: 2, expressions: 4 } as const; // NFTA_RULE_*
const LIST_ELEMENT = 1; // NFTA_LIST_ELEM
const EXPRESSION = { name: 1, data: 2 } as const; // NFTA_EXPR_*
const META = { register: 1, key: 2 } as const; // NFTA_META_*
const META_L4PROTO = 16; // NFT_META_L4PROTO
const COMPARE = { register: 1, operator: 2, data: 3 } as const; // NFTA_CMP_*
const EQUAL = 0; // NFT_CMP_EQ
const VALUE = 1; // NFTA_DATA_VALUE
const PAYLOAD = { register: 1, base: 2, offset: 3, length: 4 } as const; // NFTA_PAYLOAD_*
const TRANSPORT_HEADER = 2; // NFT_PAYLOAD_TRANSPORT_HEADER
const FIB = { register: 1, result: 2, flags: 3 } as const; // NFTA_FIB_*
const ADDRESS_TYPE = 3; // NFT_FIB_RESULT_ADDRTYPE
const RTN_LOCAL = 2;
const REGISTER = 1; // NFT_REG_1
const IPPROTO_TCP = 6;
/** NF_IP_PRI_RAW: before connection tracking. */
const RAW_PRIORITY = -300;

/** By name: `enum nf_inet_hooks`. */
const CHAINS = { prerouting: 0, output: 3 } as const;
/** The offset of the port in the TCP header, and NFTA_FIB_F_SADDR or NFTA_FIB_F_DADDR. */
const ENDS = [
  { port: 0, address: 1 },
  { port: 2, address: 2 },
] as const;

/**
 * Replaces a table of this name, if there is one, by one that exempts connections to the port of this host from connection tracking. Connections
 * that this host forwards do not match: they have no local address.
 */
export function replaceTable(name: string, port: number, sequence: number): Uint8Array {
  return batch(sequence, [
    ...absent(name),
    tableMessage(MESSAGE.newTable, name),
    ...Object.entries(CHAINS).flatMap(([chain, hook]) => [
      chainMessage(name, chain, hook),
      ...ENDS.map((end) => ruleMessage(name, chain, port, end)),
    ]),
  ]);
}

/** Succeeds also if there is no such table. */
export function deleteTable(name: string, sequence: number): Uint8Array {
  return batch(sequence, absent(name));
}

/** Lists the rules of a table; none if there is no such table. */
export function listRules(name: string, sequence: number): Uint8Array {
  return list(MESSAGE.getRule, sequence).text(RULE.table, name).finish().bytes;
}

export function listTables(sequence: number): Uint8Array {
  return list(MESSAGE.getTable, sequence).finish().bytes;
}

function list(type: number, sequence: number): MessageWriter {
  return new MessageWriter().begin((SUBSYSTEM << 8) | type, NLM_F_REQUEST | NLM_F_DUMP, NFPROTO_INET, sequence);
}

interface Message {
  readonly type: number;
  readonly flags: number;
  readonly write: (writer: MessageWriter) => void;
}

/** The kernel applies a batch completely or not at all. It acknowledges the last message only: the replies before that are errors. */
function batch(sequence: number, messages: readonly Message[]): Uint8Array {
  const writer = new MessageWriter(2_048).begin(BATCH.begin, NLM_F_REQUEST, 0, sequence, SUBSYSTEM).finish();
  for (const message of messages) {
    const flags = NLM_F_REQUEST | message.flags | (message === messages.at(-1) ? NLM_F_ACK : 0);
    message.write(writer.begin((SUBSYSTEM << 8) | message.type, flags, NFPROTO_INET, sequence));
    writer.finish();
  }
  return writer.begin(BATCH.end, NLM_F_REQUEST, 0, sequence, SUBSYSTEM).finish().bytes;
}

function absent(name: string): readonly Message[] {
  return [tableMessage(MESSAGE.newTable, name), tableMessage(MESSAGE.deleteTable, name)];
}

function tableMessage(type: number, name: string): Message {
  return { type, flags: NLM_F_CREATE, write: (writer) => writer.text(TABLE_NAME, name) };
}

function chainMessage(table: string, name: string, hook: number): Message {
  return {
    type: MESSAGE.newChain,
    flags: NLM_F_CREATE,
    write: (writer) =>
      writer
        .text(CHAIN.table, table)
        .text(CHAIN.name, name)
        .nest(CHAIN.hook, () => writer.word(HOOK.number, hook).word(HOOK.priority, RAW_PRIORITY))
        .text(CHAIN.type, 'filter'),
  };
}

/** `tcp dport PORT fib daddr type local notrack`. The port first: a lookup of the address of every packet would slow down a router. */
function ruleMessage(table: string, chain: string, port: number, end: (typeof ENDS)[number]): Message {
  return {
    type: MESSAGE.newRule,
    flags: NLM_F_CREATE | NLM_F_APPEND,
    write: (writer) => {
      const expression = (name: string, attributes: () => void = () => undefined): void => {
        writer.nest(LIST_ELEMENT, () => writer.text(EXPRESSION.name, name).nest(EXPRESSION.data, attributes));
      };
      const equal = (value: Uint8Array): void => {
        expression('cmp', () => {
          writer.word(COMPARE.register, REGISTER).word(COMPARE.operator, EQUAL);
          writer.nest(COMPARE.data, () => writer.octets(VALUE, value));
        });
      };
      writer.text(RULE.table, table).text(RULE.chain, chain);
      writer.nest(RULE.expressions, () => {
        expression('meta', () => writer.word(META.register, REGISTER).word(META.key, META_L4PROTO));
        equal(Uint8Array.of(IPPROTO_TCP));
        expression('payload', () =>
          writer
            .word(PAYLOAD.register, REGISTER)
            .word(PAYLOAD.base, TRANSPORT_HEADER)
            .word(PAYLOAD.offset, end.port)
            .word(PAYLOAD.length, 2),
        );
        equal(Uint8Array.of(port >> 8, port & 0xff));
        expression('fib', () => writer.word(FIB.register, REGISTER).word(FIB.result, ADDRESS_TYPE).word(FIB.flags, end.address));
        equal(new Uint8Array(Uint32Array.of(RTN_LOCAL).buffer));
        expression('notrack');
      });
    },
  };
}
