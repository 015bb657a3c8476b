import type { Scope } from './token.ts';

/** The process at the other end of a unix socket, as the kernel reports it. */
export interface LocalPeer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** The scopes of a user or a group over the unix socket without a token. */
export interface PeerRule {
  readonly kind: 'user' | 'group';
  readonly id: number;
  /** As the operator wrote it: a name or a number. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** The union of the scopes of all matching rules. */
export function scopesOf(peer: LocalPeer, rules: readonly PeerRule[]): readonly Scope[] {
  return [...new Set(rules.filter((rule) => applies(rule, peer)).flatMap(({ scopes }) => scopes))];
}

/** The name that a rule gives the user (`ada`), otherwise `uid 1000`. */
export function nameOf({ uid }: LocalPeer, rules: readonly PeerRule[]): string {
  const named = rules.find(({ kind, id, name }) => kind === 'user' && id === uid && name !== String(uid));
  return named?.name ?? `uid ${String(uid)}`;
}

function applies({ kind, id }: PeerRule, { uid, gid, groups }: LocalPeer): boolean {
  return kind === 'user' ? id === uid : id === gid || groups.includes(id);
}
