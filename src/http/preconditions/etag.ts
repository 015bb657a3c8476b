import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { HostState } from '../../domain/host-state.ts';

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const TAGS = new RegExp(TAG, 'g');
const LIST = new RegExp(`^${TAG}(?:[ \\t]*,[ \\t]*${TAG})*$`);

/** A strong entity tag (RFC 9110, 8.8.3): other text, other tag. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex')}"`;
}

/** The tag of all that a change may move: two hosts in the same state have the same. */
export function settingsEtagOf(state: HostState): string {
  return etagOf(canonicalJson({ ...state }));
}

/** The tags of an `If-Match` or `If-None-Match` header that is not `*`; `undefined` where it is no list of tags. */
export function etagsIn(header: string): readonly string[] | undefined {
  return LIST.test(header) ? (header.match(TAGS) ?? []) : undefined;
}

/** Weak comparison, as RFC 9110 (13.1.2) asks for reads. What is no list of tags matches nothing: the answer is then given in full. */
export function isNoneMatch(header: string, etag: string): boolean {
  return header !== '*' && !(etagsIn(header) ?? []).some((tag) => tag.replace(/^W\//, '') === etag);
}
