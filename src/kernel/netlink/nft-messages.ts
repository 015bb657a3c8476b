import { LITTLE_ENDIAN, MalformedMessage, word } from './attribute-values.ts';
import { NFGEN_HEADER_BYTES, NLA_HEADER_BYTES, NLA_TYPE_MASK, NLMSG_HEADER_BYTES } from './ctnetlink.ts';

/*
 * Numbers of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. The kernel's name stands behind each number whose name here differs.
 */
const NFNL_SUBSYS_NFTABLES = 10 << 8;
/** `enum nf_tables_msg_types`: what can be listed. */
export const NFT_LISTS = {
  rules: NFNL_SUBSYS_NFTABLES | 7, // NFT_MSG_GETRULE
  sets: NFNL_SUBSYS_NFTABLES | 10, // NFT_MSG_GETSET
  objects: NFNL_SUBSYS_NFTABLES | 19, // NFT_MSG_GETOBJ
} as const;
export type NftList = keyof typeof NFT_LISTS;

const TABLE_NAME = 1; // NFTA_TABLE_NAME
const RULE_EXPRESSIONS = 4; // NFTA_RULE_EXPRESSIONS
const SET_EXPRESSION = 17; // NFTA_SET_EXPR
const SET_EXPRESSIONS = 18; // NFTA_SET_EXPRESSIONS
const OBJECT_TYPE = 3; // NFTA_OBJ_TYPE
const EXPRESSION = { name: 1, data: 2 } as const; // NFTA_EXPR_NAME, NFTA_EXPR_DATA
const DYNAMIC_SET = { expression: 7, expressions: 10 } as const; // NFTA_DYNSET_EXPR, NFTA_DYNSET_EXPRESSIONS
const EXTENSION = { name: 1, info: 3 } as const; // NFTA_MATCH_NAME, NFTA_TARGET_NAME, NFTA_TARGET_INFO
/** XT_CT_NOTRACK, in the flags that begin `struct xt_ct_target_info`. */
const XT_CT_NOTRACK = 1;

/** The kernel tracks every connection of a network namespace as long as one of these exists there (callers of nf_ct_netns_get()). */
const EXPRESSIONS = new Set(['ct', 'nat', 'masq', 'redir', 'connlimit', 'synproxy', 'flow_offload']);
/** NFT_OBJECT_CT_HELPER, NFT_OBJECT_CT_TIMEOUT, NFT_OBJECT_CT_EXPECT, NFT_OBJECT_CONNLIMIT, NFT_OBJECT_SYNPROXY */
const OBJECTS = new Set([3, 7, 9, 5, 10]);
/** Of iptables, which stores its rules in nftables or in its own tables. */
const MATCHES = new Set(['conntrack', 'state', 'connmark', 'connlabel', 'connlimit', 'connbytes', 'helper', 'cluster']);
const TARGETS = new Set([
  ...['CT', 'CONNMARK', 'CONNSECMARK', 'SYNPROXY', 'CLUSTERIP'],
  ...['SNAT', 'DNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP', 'SAME'],
]);

interface Attribute {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Whether the rule, set or object of a message enables connection tracking. @throws MalformedMessage */
export function enablesTracking(list: NftList, message: Uint8Array): boolean {
  return attributesOf(message.subarray(NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES)).some(({ type, content }) => {
    if (list === 'rules') return type === RULE_EXPRESSIONS && listUses(content);
    if (list === 'objects') return type === OBJECT_TYPE && OBJECTS.has(word(content, 0, content.length));
    return (type === SET_EXPRESSION && expressionUses(content)) || (type === SET_EXPRESSIONS && listUses(content));
  });
}

/** @throws MalformedMessage */
export function tableName(message: Uint8Array): string {
  return textOf(attributesOf(message.subarray(NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES)).find(({ type }) => type === TABLE_NAME)?.content);
}

function listUses(content: Uint8Array): boolean {
  return attributesOf(content).some((element) => expressionUses(element.content));
}

function expressionUses(content: Uint8Array): boolean {
  const parts = attributesOf(content);
  const name = textOf(parts.find(({ type }) => type === EXPRESSION.name)?.content);
  if (EXPRESSIONS.has(name)) return true;
  if (name !== 'match' && name !== 'target' && name !== 'dynset') return false;
  const data = attributesOf(parts.find(({ type }) => type === EXPRESSION.data)?.content ?? new Uint8Array());
  if (name === 'dynset')
    return data.some(
      ({ type, content: inner }) =>
        (type === DYNAMIC_SET.expression && expressionUses(inner)) || (type === DYNAMIC_SET.expressions && listUses(inner)),
    );
  const info = data.find(({ type }) => type === EXTENSION.info)?.content ?? new Uint8Array();
  return extensionTracks(name, textOf(data.find(({ type }) => type === EXTENSION.name)?.content), info);
}

/** Whether a match or a target of iptables enables connection tracking. @param info its data */
export function extensionTracks(kind: 'match' | 'target', name: string, info: Uint8Array): boolean {
  if (kind === 'match') return MATCHES.has(name);
  const isNotrack = name === 'CT' && ((info[LITTLE_ENDIAN ? 0 : 1] ?? 0) & XT_CT_NOTRACK) !== 0;
  return TARGETS.has(name) && !isNotrack;
}

/** Of a NUL-terminated text. */
export function textOf(content: Uint8Array = new Uint8Array()): string {
  return Buffer.from(content).toString('latin1').replace(/\0.*$/s, '');
}

/** @throws MalformedMessage */
export function attributesOf(bytes: Uint8Array): readonly Attribute[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Attribute[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.length - at < NLA_HEADER_BYTES ? 0 : view.getUint16(at, LITTLE_ENDIAN);
    if (length < NLA_HEADER_BYTES || at + length > bytes.length) throw new MalformedMessage('an attribute with an invalid length', at);
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    found.push({ type, content: bytes.subarray(at + NLA_HEADER_BYTES, at + length) });
    at += (length + 3) & ~3;
  }
  return found;
}
