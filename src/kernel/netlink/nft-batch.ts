import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST } from './ctnetlink.ts';
import { MessageWriter } from './message-writer.ts';

/* Numbers of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. */
const SUBSYSTEM = 10; // NFNL_SUBSYS_NFTABLES
const BATCH = { begin: 0x10, end: 0x11 } as const; // NFNL_MSG_BATCH_*
/** NFT_MSG_* */
export const NFT = {
  ...({ newTable: 0, getTable: 1, deleteTable: 2, newChain: 3, newRule: 6, getRule: 7, newSet: 9 } as const),
  ...({ newElements: 12, getElements: 13, deleteElements: 14 } as const),
} as const;
const NLM_F_APPEND = 0x800;
const NFPROTO_INET = 1;
/** Of a table, and of everything in one. */
export const TABLE_NAME = 1; // NFTA_TABLE_NAME
const CHAIN = { name: 3, hook: 4, type: 7 } as const; // NFTA_CHAIN_*
const HOOK = { number: 1, priority: 2 } as const; // NFTA_HOOK_*
const RULE = { chain: 2, expressions: 4 } as const; // NFTA_RULE_*
const LIST_ELEMENT = 1; // NFTA_LIST_ELEM
const EXPRESSION = { name: 1, data: 2 } as const; // NFTA_EXPR_*
const META = { register: 1, key: 2 } as const; // NFTA_META_*
const COMPARE = { register: 1, operator: 2, data: 3 } as const; // NFTA_CMP_*
const EQUAL = 0; // NFT_CMP_EQ
const BITWISE = { source: 1, target: 2, length: 3, mask: 4, xor: 5 } as const; // NFTA_BITWISE_*
const PAYLOAD = { register: 1, base: 2, offset: 3, length: 4 } as const; // NFTA_PAYLOAD_*
const FIB = { register: 1, result: 2, flags: 3 } as const; // NFTA_FIB_*
const LOOKUP = { set: 1, register: 2 } as const; // NFTA_LOOKUP_*
const REJECT_TYPE = 1; // NFTA_REJECT_TYPE
const TCP_RESET = 1; // NFT_REJECT_TCP_RST
const IMMEDIATE = { register: 1, data: 2 } as const; // NFTA_IMMEDIATE_*
const VERDICT_REGISTER = 0; // NFT_REG_VERDICT
const VERDICT_CODE = 1; // NFTA_VERDICT_CODE
const DATA = { value: 1, verdict: 2 } as const; // NFTA_DATA_*
/** NF_IP_PRI_RAW: before connection tracking. */
const RAW_PRIORITY = -300;

export const META_KEY = { nfproto: 15, l4proto: 16 } as const; // NFT_META_*
export const HEADER = { network: 1, transport: 2 } as const; // NFT_PAYLOAD_*_HEADER
export const VERDICT = { drop: 0, accept: 1 } as const; // NF_*
/** NFT_REG_1, the first of four registers of 16 bytes, which are 16 registers of 4 bytes, from NFT_REG32_00, too. */
export const REGISTER = 1;
export const REGISTER_32 = 8;
/** The chains of the tables of this service, which see each packet before connection tracking. By name: `enum nf_inet_hooks`. */
export const RAW_CHAINS = { prerouting: 0, output: 3 } as const;

export interface Message {
  /** One of NFT. */
  readonly type: number;
  readonly flags: number;
  readonly write: (writer: MessageWriter) => void;
}

/** The kernel applies a batch completely or not at all. It acknowledges the last message only: the replies before that are errors. */
export function batch(sequence: number, messages: readonly Message[]): Uint8Array {
  const writer = new MessageWriter(2_048).begin(BATCH.begin, NLM_F_REQUEST, 0, sequence, SUBSYSTEM).finish();
  for (const message of messages) {
    const flags = NLM_F_REQUEST | message.flags | (message === messages.at(-1) ? NLM_F_ACK : 0);
    message.write(writer.begin((SUBSYSTEM << 8) | message.type, flags, NFPROTO_INET, sequence));
    writer.finish();
  }
  return writer.begin(BATCH.end, NLM_F_REQUEST, 0, sequence, SUBSYSTEM).finish().bytes;
}

export function list(type: number, sequence: number): MessageWriter {
  return new MessageWriter().begin((SUBSYSTEM << 8) | type, NLM_F_REQUEST | NLM_F_DUMP, NFPROTO_INET, sequence);
}

/** Lists the rules of a table; none if there is no such table. */
export function listRules(table: string, sequence: number): Uint8Array {
  return list(NFT.getRule, sequence).text(TABLE_NAME, table).finish().bytes;
}

export function listTables(sequence: number): Uint8Array {
  return list(NFT.getTable, sequence).finish().bytes;
}

/** Succeeds also if there is no such table. */
export function deleteTable(name: string, sequence: number): Uint8Array {
  return batch(sequence, absent(name));
}

/** A table of this name, in place of another. */
export function newTable(name: string): readonly Message[] {
  return [...absent(name), tableMessage(NFT.newTable, name)];
}

function absent(name: string): readonly Message[] {
  return [tableMessage(NFT.newTable, name), tableMessage(NFT.deleteTable, name)];
}

function tableMessage(type: number, name: string): Message {
  return { type, flags: NLM_F_CREATE, write: (writer) => writer.text(TABLE_NAME, name) };
}

export function rawChain(table: string, name: string, hook: number): Message {
  return {
    type: NFT.newChain,
    flags: NLM_F_CREATE,
    write: (writer) =>
      writer
        .text(TABLE_NAME, table)
        .text(CHAIN.name, name)
        .nest(CHAIN.hook, () => writer.word(HOOK.number, hook).word(HOOK.priority, RAW_PRIORITY))
        .text(CHAIN.type, 'filter'),
  };
}

export function rule(table: string, chain: string, write: (rule: RuleWriter) => void): Message {
  return {
    type: NFT.newRule,
    flags: NLM_F_CREATE | NLM_F_APPEND,
    write: (writer) => {
      writer.text(TABLE_NAME, table).text(RULE.chain, chain);
      writer.nest(RULE.expressions, () => {
        write(new RuleWriter(writer));
      });
    },
  };
}

/** Writes the expressions of a rule. */
export class RuleWriter {
  private readonly writer: MessageWriter;

  constructor(writer: MessageWriter) {
    this.writer = writer;
  }

  /** @param key one of META_KEY */
  meta(key: number, register = REGISTER): this {
    return this.expression('meta', (writer) => writer.word(META.register, register).word(META.key, key));
  }

  /** @param base one of HEADER */
  payload(base: number, offset: number, length: number, register = REGISTER): this {
    return this.expression('payload', (writer) =>
      writer.word(PAYLOAD.register, register).word(PAYLOAD.base, base).word(PAYLOAD.offset, offset).word(PAYLOAD.length, length),
    );
  }

  /** Keeps these bits of the register. */
  mask(bits: Uint8Array): this {
    return this.expression('bitwise', (writer) =>
      writer
        .word(BITWISE.source, REGISTER)
        .word(BITWISE.target, REGISTER)
        .word(BITWISE.length, bits.length)
        .nest(BITWISE.mask, () => writer.octets(DATA.value, bits))
        .nest(BITWISE.xor, () => writer.octets(DATA.value, new Uint8Array(bits.length))),
    );
  }

  /** Ends the rule unless the register has this value. */
  equal(value: Uint8Array): this {
    return this.expression('cmp', (writer) =>
      writer
        .word(COMPARE.register, REGISTER)
        .word(COMPARE.operator, EQUAL)
        .nest(COMPARE.data, () => writer.octets(DATA.value, value)),
    );
  }

  fib(result: number, flags: number): this {
    return this.expression('fib', (writer) => writer.word(FIB.register, REGISTER).word(FIB.result, result).word(FIB.flags, flags));
  }

  /** Ends the rule unless the set has the value that begins at NFT_REG32_00. */
  lookup(set: string): this {
    return this.expression('lookup', (writer) => writer.text(LOOKUP.set, set).word(LOOKUP.register, REGISTER_32));
  }

  notrack(): this {
    return this.expression('notrack');
  }

  rejectWithReset(): this {
    return this.expression('reject', (writer) => writer.word(REJECT_TYPE, TCP_RESET));
  }

  /** @param code one of VERDICT */
  verdict(code: number): this {
    return this.expression('immediate', (writer) =>
      writer.word(IMMEDIATE.register, VERDICT_REGISTER).nest(IMMEDIATE.data, () => {
        writer.nest(DATA.verdict, () => writer.word(VERDICT_CODE, code));
      }),
    );
  }

  private expression(name: string, attributes: (writer: MessageWriter) => unknown = () => undefined): this {
    const { writer } = this;
    writer.nest(LIST_ELEMENT, () =>
      writer.text(EXPRESSION.name, name).nest(EXPRESSION.data, () => {
        attributes(writer);
      }),
    );
    return this;
  }
}
