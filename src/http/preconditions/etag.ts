import type { ConfigurationRecord } from '../../application/ports/journal.ts';
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { HostState } from '../../domain/change.ts';

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const TAGS = new RegExp(TAG, 'g');
const LIST = new RegExp(`^${TAG}(?:[ \\t]*,[ \\t]*${TAG})*$`);

/** A strong entity tag (RFC 9110, 8.8.3): a hash of the text. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex')}"`;
}

/** The entity tag of everything that a change can affect. Hosts in the same state have the same tag. */
export function settingsEtagOf(state: HostState): string {
  return etagOf(canonicalJson({ ...state }));
}

/** The tags of an `If-Match` or `If-None-Match` header that is not `*`. `undefined` if it is not a list of tags. */
export function etagsIn(header: string): readonly string[] | undefined {
  return LIST.test(header) ? (header.match(TAGS) ?? []) : undefined;
}

/** Weak comparison, which RFC 9110 (13.1.2) requires for reads. A header that is not a list of tags matches nothing, so the full response is sent. */
export function isNoneMatch(header: string, etag: string): boolean {
  return header !== '*' && !(etagsIn(header) ?? []).some((tag) => tag.replace(/^W\//, '') === etag);
}

/** Of a configuration: each record has its own. @param resource what is under /api/v1 */
export function configurationEtag(resource: string, record: ConfigurationRecord<object> | undefined): string {
  return etagOf(`${resource} ${record?.sequence ?? 0} ${JSON.stringify(record?.config ?? null)}`);
}
